"""The crews of planning."""
