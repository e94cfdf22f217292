"""The tests: one topic per file, real parts, nothing mocked."""
