"""What the sides of a comparison do, each in a process of its own."""
