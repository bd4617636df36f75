"""Effort of units and the calendar of waves: what somebody configured, else defaults that are said as assumptions."""
