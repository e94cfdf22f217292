"""What the documents for newcomers say, done as they say it."""
