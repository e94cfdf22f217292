select s.id, s.session_id, s.step_id, s.event_type, s."timestamp", s.message, s.event_data
from (select null::api.session_event as e) as t, lateral (select (t.e).*) as s
where false;
