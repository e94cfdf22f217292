"""Tests of the recorder: real commands, a real database."""
