"""The crew that judges what kind of asset a machine is."""
