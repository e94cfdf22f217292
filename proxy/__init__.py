"""The product's HTTP API in front of PostgREST: paths, errors and answers as docs and clients expect them."""
