"""Who is at work when, where it is too much, and what it costs. Pure."""
