"""What the Makefile calls: neither lesson nor test."""
