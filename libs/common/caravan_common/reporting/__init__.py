"""The HTML report: a page of parts, one a flow; what may stand in its cells; masking and escaping of every text.

Needs jinja2, which whoever makes a part depends on; nothing else imports this package.
"""

from caravan_common.reporting._cells import Cell, Figure, Share, in_numbers
from caravan_common.reporting._days import DayScale
from caravan_common.reporting._installed import installed_reports, render_flows
from caravan_common.reporting._model import ReportModel
from caravan_common.reporting._rendering import Part, Table, render_body, render_page

__all__ = [
    "Cell",
    "DayScale",
    "Figure",
    "Part",
    "ReportModel",
    "Share",
    "Table",
    "in_numbers",
    "installed_reports",
    "render_body",
    "render_flows",
    "render_page",
]
