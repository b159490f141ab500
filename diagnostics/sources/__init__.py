"""Where the published files come from and how they are read."""
