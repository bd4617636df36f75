"""The gateway on a real PostgreSQL, without workers: their replies are taken in as they would come."""
