"""Tests of the demo: what it fills in, what it records, how it ends."""
