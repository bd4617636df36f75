"""Pure rules and solvers. Knows no bus, no crew, no database."""
