"""What every worker service must do, whatever its phases: inherit WorkerContract, name the service."""
