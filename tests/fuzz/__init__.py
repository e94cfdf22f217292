"""Whatever is sent: no 500, every error in its shape, and nothing that fills a log."""
