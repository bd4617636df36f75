"""Waves on a calendar with milestones, freezes, risks, and the path that decides the end."""
