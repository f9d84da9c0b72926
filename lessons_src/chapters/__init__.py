"""What the cells of each chapter import: one module for each, of the same name."""
