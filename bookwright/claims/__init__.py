"""Sentences that a page's run decides, with their evidence, and the line about that run."""
