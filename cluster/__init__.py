"""Runs the whole product over a PostgreSQL cluster under Patroni, behind HAProxy, on this machine: `make cluster`."""
