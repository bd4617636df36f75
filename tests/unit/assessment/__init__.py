"""Tests of the discovery service."""
