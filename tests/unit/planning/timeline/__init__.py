"""Tests of tasks, dates and people."""
