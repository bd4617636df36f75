"""What lists and facets of a large estate are filtered, found and counted by, column by column in the gateway's memory:
exactly as of one count of the fold, and asked only while that count stands."""
