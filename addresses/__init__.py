"""Where things are: a running stack in its stack.env, a database in its connection string. Stands below all others."""
