"""Statistics of territorial crime figures: no plotting, no screen."""
