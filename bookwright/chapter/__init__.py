"""Starts a chapter, and lists what it still lacks, which the checks know."""
