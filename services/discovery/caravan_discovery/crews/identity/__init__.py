"""The crew that judges whether two rows are one machine."""
