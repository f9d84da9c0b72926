"""Helper package that the pages of the book import."""

import os

# TensorFlow's C++ side logs its start-up to stderr; its errors still reach Python as exceptions.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
