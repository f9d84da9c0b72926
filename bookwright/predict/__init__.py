"""Questions above the cells that measure, answered by the measurement."""
