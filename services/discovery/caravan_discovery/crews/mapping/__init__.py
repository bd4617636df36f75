"""The crew that judges what a contested column means."""
