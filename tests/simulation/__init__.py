"""Random histories of failures over the production decisions, on a virtual clock. See docs/simulation.md."""
