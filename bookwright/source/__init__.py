"""Pages as people write them: what their Markdown holds."""
