"""Tasks of the applications that move, and when they are done. Pure: the day comes from outside."""
