"""Sphinx with Furo and MyST, and nothing else."""

project = "TITLE"
author = "The contributors"
language = "LANGUAGE"
extensions = ["myst_parser", "sphinx.ext.mathjax"]
myst_enable_extensions = ["amsmath", "dollarmath"]
html_theme = "furo"
mathjax_path = "mathjax/tex-mml-chtml.js"  # not from a content delivery network
