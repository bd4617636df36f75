"""One suite for both transports."""
