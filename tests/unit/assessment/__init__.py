"""Tests of the assessment service that need neither network nor database."""
