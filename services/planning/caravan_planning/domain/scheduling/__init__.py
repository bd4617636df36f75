"""Schedules of least makespan under precedence and capacities. Knows nothing of migrations."""

from caravan_planning.domain.scheduling.project import Absence, Project, ProjectIsInvalid
from caravan_planning.domain.scheduling.search import Schedule, schedule

__all__ = ["Absence", "Project", "ProjectIsInvalid", "Schedule", "schedule"]
