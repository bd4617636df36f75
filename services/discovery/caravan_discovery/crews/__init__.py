"""Crews of discovery, one folder each."""
