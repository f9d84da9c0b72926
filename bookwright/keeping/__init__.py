"""What a reader keeps in the browser, and takes elsewhere in a file."""
