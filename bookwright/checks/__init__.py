"""What can be wrong with pages and documents before anything runs."""
