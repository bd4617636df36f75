"""The shapes of bodies and answers, for OpenAPI; a test holds every answer against its own."""
