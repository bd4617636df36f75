"""People edit plans and choose treatments: gateway, orchestrator, broker and a service that answers."""
