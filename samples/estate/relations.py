"""Who depends on whom, as stated and as observed; knots are found here, not read from files."""

from collections.abc import Iterable

Edge = tuple[str, str]

# (application, the application it needs)
IN_MPA_SHEET: tuple[Edge, ...] = (
    ("tos", "yard"), ("yard", "tos"), ("berth", "tos"), ("gate", "tos"), ("gate", "truck"), ("rail", "tos"),
    ("billing", "fin"), ("fin", "tariff"), ("tariff", "billing"), ("pay", "billing"), ("payroll", "hr"),
    ("customs", "edi"), ("edi", "esb"), ("bi", "dwh"), ("dwh", "etl"), ("wms", "tos"), ("crm", "track"),
)  # fmt: skip
IN_PORTFOLIO: tuple[Edge, ...] = (
    ("edi", "dg"), ("dg", "customs"), ("track", "tos"), ("reefer", "yard"), ("ocr", "gate"),
    ("weigh", "gate"),
    ("truck", "gate"), ("maint", "spare"), ("agent", "edi"), ("claims", "doc"), ("billing", "fin"),
    ("pay", "billing"), ("crane", "maint"), ("pilot", "vts"), ("tug", "vts"), ("freight", "edi"),
)  # fmt: skip
IN_KONVEYOR: tuple[Edge, ...] = (
    ("crm", "pay"), ("crm", "track"), ("sms", "esb"), ("gate", "sms"), ("agent", "customs"), ("track", "esb"),
)  # fmt: skip
UNDOCUMENTED: Edge = ("truck", "wms")
OBSERVED: tuple[Edge, ...] = (
    ("tos", "yard"), ("yard", "tos"), ("gate", "tos"), ("billing", "fin"), ("edi", "esb"), ("customs", "edi"),
    ("crm", "track"), ("pay", "billing"), ("bi", "dwh"), ("wms", "tos"), ("reefer", "yard"), UNDOCUMENTED,
)  # fmt: skip


def stated_edges() -> set[Edge]:
    return {*IN_MPA_SHEET, *IN_PORTFOLIO, *IN_KONVEYOR}


def find_cycles(edges: Iterable[Edge]) -> list[list[str]]:
    """Strongly connected groups of two or more, each sorted, in order of their first member."""
    reach = {node: {node} for edge in edges for node in edge}
    grown = True
    while grown:
        grown = False
        for source, target in edges:
            for members in reach.values():
                if source in members and target not in members:
                    members.add(target)
                    grown = True
    groups = {tuple(sorted(b for b in reach[a] if a in reach[b])) for a in reach}
    return sorted(list(group) for group in groups if len(group) > 1)
