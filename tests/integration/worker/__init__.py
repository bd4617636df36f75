"""Workers as processes, on real brokers and databases."""
