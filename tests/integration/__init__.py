"""Against real PostgreSQL and RabbitMQ."""
