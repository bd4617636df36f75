"""Chains of flows on a real PostgreSQL."""
