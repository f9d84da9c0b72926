"""Mends of others' packages, each with the reason for it."""
