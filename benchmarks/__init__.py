"""What the book costs, measured."""
