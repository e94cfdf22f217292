"""A cluster under Patroni, behind HAProxy, whose parts die one after the other."""
