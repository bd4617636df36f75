"""What discovery found, as a part of the HTML report. It reads frames and summaries; every cell is escaped."""

from caravan_discovery.domain.report._clusters import Tie, cluster
from caravan_discovery.domain.report._graph import draw_graph
from caravan_discovery.domain.report._rendering import make_part
from caravan_discovery.domain.report._timeline import draw_timeline

__all__ = ["Tie", "cluster", "draw_graph", "draw_timeline", "make_part"]
