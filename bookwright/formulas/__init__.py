"""Formulas: LaTeX made into what browsers draw, or refused; their font; their text."""
