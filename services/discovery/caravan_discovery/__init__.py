"""Caravan's discovery flow: inventory exports in; assets, dependencies and tech debt out."""
