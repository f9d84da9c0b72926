"""Pages that show both languages side by side."""
