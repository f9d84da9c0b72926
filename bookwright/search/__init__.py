"""The search of the site: its index, its dialog, particles of Korean words."""
