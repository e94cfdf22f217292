"""What `make demo` shows: the whole stack with sample sessions, and this repository's own commands recorded live."""
