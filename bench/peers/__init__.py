"""What this product is measured beside."""
