"""Formulas: read, refused where they are wrong, set as MathML in a font of their own."""
