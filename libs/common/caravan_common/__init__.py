"""What every Caravan service shares: contracts, bus, artifacts, runtimes, telemetry. Knows no flow type."""
