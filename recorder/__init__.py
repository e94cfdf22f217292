"""Runs any command and records it as a session: one event per line of output, committed as it comes."""
