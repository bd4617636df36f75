"""Everything that is tested across packages."""
