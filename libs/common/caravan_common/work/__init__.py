"""What migrating a unit takes, step by step, and who does it by default: one table for wave plans and schedules."""

from caravan_common.work._steps import Step, Templates, count_days, load_templates
from caravan_common.work._teams import TeamSize, find_busiest, load_teams, size_teams

__all__ = [
    "Step",
    "TeamSize",
    "Templates",
    "count_days",
    "find_busiest",
    "load_teams",
    "load_templates",
    "size_teams",
]
