do $$
begin
    perform events_internal.session_not_found('00000000-0000-0000-0000-000000000000');
    raise 'session_not_found() did not raise';
exception
    when no_data_found then null;
end;
$$;
