"""What is known of every unit that gets a treatment and a wave, and how units hang together."""
