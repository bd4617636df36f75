"""Caravan's planning flow: treatments and waves in; a schedule, teams, target machines and their cost out."""
