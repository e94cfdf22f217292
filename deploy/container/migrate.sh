#!/bin/sh
# Runs sqitch as the tables' owner; after a deploy PostgREST's role gets its password.
set -eu
PGPASSWORD=$(cat /run/secrets/owner-password)
export PGPASSWORD
if [ "$1" != deploy ]; then exec sqitch "$@"; fi

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file db/migrations/verify/preconditions.sql
sqitch "$@"
# \password sends only what it is verified with; without a terminal it reads from its input.
password=$(cat /run/secrets/authenticator-password)
printf '%s\n%s\n' "$password" "$password" |
    setsid --wait psql --no-psqlrc --quiet --command '\password session_events_authenticator'
