"""One module per resource. Routes check and translate; use cases and reads do the work."""
