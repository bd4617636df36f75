"""What people decide in a chain of the real services: treatments, edits, handoffs, rollbacks, lineage."""
