"""Faults of every part, with pollers that go on all along."""
