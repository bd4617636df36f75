"""What the assessment decided, as a part of the HTML report. It reads frames and summaries; every cell is escaped."""

from caravan_assessment.domain.report._distribution import draw_distribution
from caravan_assessment.domain.report._gantt import draw_gantt
from caravan_assessment.domain.report._rendering import make_part
from caravan_assessment.domain.report._wave_graph import draw_wave_graph

__all__ = ["draw_distribution", "draw_gantt", "draw_wave_graph", "make_part"]
