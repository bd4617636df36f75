"""The crew that judges values that can be read in two ways."""
