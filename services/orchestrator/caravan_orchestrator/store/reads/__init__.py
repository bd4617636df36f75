"""What the API shows: reads only, each page in a fixed number of statements, always within one engagement.

Row-level security keeps clients apart; the engagement is a condition of every statement here, but for what a client
has taught, which counts in all of its engagements.
"""
