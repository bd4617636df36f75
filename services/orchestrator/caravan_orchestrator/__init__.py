"""The orchestrator: the only writer of flow state, and the gateway that shows it."""
