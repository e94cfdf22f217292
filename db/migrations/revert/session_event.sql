drop type api.session_event;
