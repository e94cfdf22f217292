"""The servers that the stack can run on, and the way from an older one to a newer."""
