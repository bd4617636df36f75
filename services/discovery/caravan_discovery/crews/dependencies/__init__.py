"""The crew that judges what observed traffic means."""
