"""What a server is installed from."""
