"""The database alone: each object of it, in SQL."""
