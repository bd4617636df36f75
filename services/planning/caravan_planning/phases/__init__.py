"""One function a phase."""
