"""A crew as a service has it: agents.yaml, tasks.yaml, crew.py."""
