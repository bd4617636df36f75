"""Files of any make to tables of text, row by row accounted for. Meaning is not read here, only structure."""
