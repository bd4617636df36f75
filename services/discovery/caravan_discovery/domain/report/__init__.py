"""A self-contained HTML report of what discovery found. It reads frames and summaries and escapes every cell."""

from caravan_discovery.domain.report._clusters import Tie, cluster
from caravan_discovery.domain.report._graph import draw_graph
from caravan_discovery.domain.report._rendering import ReportModel, render_report
from caravan_discovery.domain.report._timeline import draw_timeline

__all__ = ["ReportModel", "Tie", "cluster", "draw_graph", "draw_timeline", "render_report"]
