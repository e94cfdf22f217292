"""Signs of life: what hangs for the lack of them, and systemd, which is told of them."""
