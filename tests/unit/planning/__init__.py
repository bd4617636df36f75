"""Tests of the planning service."""
