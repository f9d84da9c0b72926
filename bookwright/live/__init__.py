"""Cells that run in the reader's browser, with what they need."""
