begin;
\ir fixtures.psql
select plan(15);

-- Contract
select pg_temp.has_contract(
    'events_internal.token_head(text)', 'p_text text', 'bytea', 'sql', 'stable', null
);

-- Privileges
select pg_temp.is_private('events_internal.token_head(text)');

-- Behaviour
select is(
    events_internal.token_head(h.text), convert_to(h.expected, 'UTF8'), format('"%s" fills up to three bytes', h.text)
)
from (values ('', ''), ('a', 'a  '), ('ab', 'ab '), ('abc', 'abc'), ('abcd', 'abcd  ')) as h (text, expected);

select * from finish();
rollback;
