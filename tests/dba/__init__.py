"""docs/dba.md, word for word, and what it rests on."""
