"""Crews of the assessment, one folder each."""
