set search_path = pg_catalog, pg_temp;
begin;

create domain api."application/octet-stream" as bytea;

comment on domain api."application/octet-stream" is
'What PostgREST hands over byte by byte to whoever accepts this media type.';

commit;
