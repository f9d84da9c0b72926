"""What stands in the browser for the helper package's module of the same name."""
