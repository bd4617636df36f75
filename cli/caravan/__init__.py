"""The caravan command: the embedded platform and a client of the API."""
