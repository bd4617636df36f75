"""Edges between assets, groups that move together, and shared services set aside."""
