"""The whole book as one PDF for each language."""
