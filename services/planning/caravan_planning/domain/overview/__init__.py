"""What is planned for whom, and what the plan assumes."""
