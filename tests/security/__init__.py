"""What SECURITY.md claims, tried from outside."""
