"""The clients for other programs, installed as others install them."""
