"""`make up` and `make down`: what they start, what they leave, and what they survive."""
