"""The migrations: there, back, and onto a database that is already in use."""
