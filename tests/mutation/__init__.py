"""Takes the handling of each trap of docs/traps-covered.md out of a copy of the project; the trap's test must fail."""
