"""Signs of life, and who is told of them."""
