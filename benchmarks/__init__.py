"""Yardsticks of our own: each prints one JSON line per case, medians of interleaved pairs."""
