"""Small measurements for sentences of the sources that no chapter and no training decides."""
