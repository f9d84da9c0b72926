"""Figures that cells draw, with their data below them."""
