"""What this product is measured beside."""

# Of each peer to the database: as many as PostgREST has (postgrest.conf).
CONNECTIONS = 10
