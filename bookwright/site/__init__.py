"""The site: runs the pages that changed, builds each language, puts all together."""
