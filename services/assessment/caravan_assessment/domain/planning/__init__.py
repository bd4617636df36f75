"""Between tables and the wave planner: the problem out of datasets, and its plan as datasets again."""
