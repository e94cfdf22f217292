"""The scripts in tools/: what they say and what they refuse."""
