"""A chapter from its first files to the day that it lacks nothing."""
