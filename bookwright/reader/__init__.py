"""A reader's environment, without the helper package, and the first cell that brings it."""
