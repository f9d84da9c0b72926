"""What every page has around its text: language, head, menu, glossary, styles."""
