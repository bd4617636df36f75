"""The crew that judges treatments which the rules could not settle."""
