"""Load that lasts, and clients that take their time."""
