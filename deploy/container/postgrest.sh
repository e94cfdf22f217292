#!/bin/sh
# Lets PostgREST run, and again a second after it has ended, as it does when the database is away: Docker's own restarts
# come after pauses of up to a minute.
end() {
    kill "$child" 2>/dev/null
    wait "$child"
    exit 0
}
trap end TERM INT
while :; do
    PGPASSWORD=$(cat /run/secrets/authenticator-password) ./postgrest postgrest.conf &
    child=$!
    wait "$child"
    sleep 1 &
    child=$!
    wait "$child"
done
