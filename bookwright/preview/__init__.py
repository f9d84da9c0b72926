"""Previews of one page or of the book while somebody writes, built again on save."""
