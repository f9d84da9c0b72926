"""Checks of the built site: valid HTML, links that lead somewhere."""
