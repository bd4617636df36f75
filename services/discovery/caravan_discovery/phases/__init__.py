"""One module per phase of discovery, each with `run(context)`."""
