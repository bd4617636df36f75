"""What was planned, as a part of the HTML report. It reads frames and summaries; every cell is escaped."""

from caravan_planning.domain.report._histogram import draw_histogram
from caravan_planning.domain.report._rendering import make_part
from caravan_planning.domain.report._schedule import draw_schedule

__all__ = ["draw_histogram", "draw_schedule", "make_part"]
