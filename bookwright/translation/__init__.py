"""What git knows of the pages: which sections one language changed and the other did not follow."""
