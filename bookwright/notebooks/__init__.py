"""The notebooks that readers download, made of built pages."""
