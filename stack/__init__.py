"""Starts and stops the real parts: PostgreSQL, sqitch's migrations, PostgREST and the proxy."""
