"""From the figures and frames of a discovery to its part of the report."""

from collections.abc import Iterator, Mapping

from markupsafe import Markup

from caravan_common.reporting import Figure, Part, ReportModel, in_numbers, render_body
from caravan_discovery.domain.report import _tables
from caravan_discovery.domain.report._blind_spots import list_assumptions, list_blind_spots
from caravan_discovery.domain.report._graph import draw_graph
from caravan_discovery.domain.report._timeline import draw_timeline
from caravan_discovery.domain.report._understood import columns_table, unknown_columns, unread_table
from caravan_discovery.domain.report._words import in_words

_STATUSES = ("unsupported", "ending_12_months", "supported", "unknown")
Counts = list[tuple[str, Figure]]


def make_part(model: ReportModel) -> Part:
    """What discovery adds to a page."""
    return Part("discovery", _figures(model), list(_sentences(model)), _body(model))


def _body(model: ReportModel) -> Markup:
    names = _tables.names_of(model.frame("assets"))
    assets = model.counts("assets")
    graph = draw_graph(model.frame("dependencies"), model.frame("assets"))
    debt = _tables.debt_by_product(model.frame("tech_debt"))
    values = {
        "as_of": model.as_of.isoformat(),
        "files": _tables.files_table(
            _tables.files_of(list(model.summaries.get("imports") or []), model.frame("gaps"))
        ),
        "formulas": _tables.formulas_table(list(model.summaries.get("imports") or [])),
        "columns": columns_table(list(model.summaries.get("mappings") or [])),
        "unread": unread_table(list(model.summaries.get("unread_values") or [])),
        "by_type": _named("assets/type", assets.get("by_type")),
        "not_targets": _named("assets/not_target", assets.get("not_targets")),
        "rejected": _tables.rejected_by_reason(model.frame("rejected_rows")),
        "pairs": _tables.conflicts_by_pair(model.frame("conflicts")),
        "conflicts": _tables.conflicts_table(model.frame("conflicts"), names),
        "references": _tables.unresolved_table(model.frame("gaps"), names),
        "blind_spots": list_blind_spots(model.frame("assets"), model.frame("applications")),
        "assumptions": list_assumptions(model.frame("gaps"), names),
        "graph": graph,
        "graph_ends": Figure("graph/ends", graph.ends),
        "graph_edges": Figure("graph/edges", graph.edges),
        "graph_inside": Figure("graph/inside", graph.inside),
        "by_kind": _named("dependencies/kind", model.counts("dependencies").get("by_kind")),
        "timeline": draw_timeline(model.frame("tech_debt"), model.as_of),
        "statuses": _named(
            "tech_debt",
            {name: count for name, count in model.counts("tech_debt").items() if name in _STATUSES},
        ),
        "debt": debt,
        "weak_sources": any(_tables.WEAK in str(row[1]) for row in debt.rows),
        "single_points": _tables.single_points_table(model.frame("tech_debt")),
    }
    return render_body("caravan_discovery.domain.report", "discovery.html.j2", in_words, values)


def _named(prefix: str, counts: Mapping[str, int] | None) -> Counts:
    ranked = sorted((counts or {}).items(), key=lambda pair: (-pair[1], pair[0]))
    return [(name, Figure(f"{prefix}/{name}", count)) for name, count in ranked if count]


def _figures(model: ReportModel) -> list[tuple[str, Figure, str]]:
    """What stands on top: label, figure, and the section that tells more."""
    assets, debt = model.counts("assets"), model.counts("tech_debt")
    rows = [
        ("assets", "assets/total", assets.get("total"), "came-in"),
        ("to migrate", "assets/migration_targets", assets.get("migration_targets"), "came-in"),
        ("rows rejected", "rejected", model.frame("rejected_rows").height, "rejected"),
        ("conflicts", "conflicts", model.summaries.get("conflicts"), "conflicts"),
        ("gaps", "gaps", model.summaries.get("gaps"), "blind-spots"),
        ("dependencies", "dependencies/edges", model.counts("dependencies").get("edges"), "dependencies"),
        ("out of support", "tech_debt/out", debt.get("unsupported"), "end-of-life"),
    ]
    return [(label, Figure(name, int(value or 0)), anchor) for label, name, value, anchor in rows]


def _sentences(model: ReportModel) -> Iterator[str]:
    """What a person would say who had read the rest."""
    imports = list(model.summaries.get("imports") or [])
    rows, rejected = (sum(entry[name] for entry in imports) for name in ("rows", "rejected"))
    files = len({entry["file"] for entry in imports})
    yield (
        f"{in_numbers(files, 'file')} with {in_numbers(rows, 'row')} came in; "
        f"{in_numbers(rejected, 'row was', 'rows were')} rejected, each with its reason."
    )
    mappings = list(model.summaries.get("mappings") or [])
    if mappings:
        attributes = sum(1 for each in mappings if each["attribute"])
        unknown = len(unknown_columns(mappings))
        lost = sum(each["count"] for each in model.summaries.get("unread_values") or [])
        cells = f"; {in_numbers(lost, 'value')} could not be used" if lost else ""
        columns = in_numbers(len(mappings), "column")
        kept = f"; {unknown:,} of unknown meaning kept as they are" if unknown else ""
        yield f"{attributes:,} of {columns} became attributes{kept}{cells}."
    unused = _tables.unused_sheets(model.frame("gaps"))
    if unused:
        shown = f"{', '.join(unused[:3])}{' and others' if len(unused) > 3 else ''}"
        yield f"Nothing came of {shown}: no column there says what the rows are about."
    assets, debt = model.counts("assets"), model.counts("tech_debt")
    kept = sum((assets.get("not_targets") or {}).values())
    yield (
        f"They make {in_numbers(assets.get('total', 0), 'asset')}, of which {assets.get('migration_targets', 0):,} "
        f"are to be migrated; {kept:,} more look like machines but are none to move."
    )
    conflicts = int(model.summaries.get("conflicts") or 0)
    if conflicts:
        times = in_numbers(conflicts, "time")
        yield f"Sources contradict each other {times}; every contradiction has a winner and a reason."
    assumed = int(model.summaries.get("assumptions") or 0)
    if assumed:
        machines = in_numbers(assumed, "machine tells", "machines tell")
        yield f"{machines} no processor cores; a number is assumed, and flagged, until somebody tells it."
    edges = model.counts("dependencies")
    if edges.get("edges"):
        groups = in_numbers(edges.get("groups", 0), "circle")
        shared = in_numbers(edges.get("shared_services", 0), "shared service")
        yield f"{in_numbers(edges['edges'], 'dependency', 'dependencies')}: {groups}, {shared} set aside as noise."
    if debt:
        yield (
            f"{debt.get('unsupported', 0):,} systems and databases are out of support, "
            f"{debt.get('ending_12_months', 0):,} more will be within twelve months."
        )
        idle = debt.get("idle", 0) + debt.get("zombie", 0)
        if idle:
            yield f"{in_numbers(idle, 'machine')} {'does' if idle == 1 else 'do'} little or nothing and may be retired."
    points = _tables.single_points_table(model.frame("tech_debt"))
    if points.rows:
        machine, _, cut_off = points.rows[0]
        without = in_numbers(points.total, "machine has", "machines have")
        most = (
            f" without {machine} {in_numbers(int(cut_off.value), 'asset is', 'assets are')} cut off."
            if (isinstance(cut_off, Figure) and cut_off.value)
            else ""
        )
        yield f"{without} no stand-in though others need them{':' if most else '.'}{most}"
    questions = int(model.summaries.get("open_questions") or 0)
    if questions:
        waiting = in_numbers(questions, "question waits", "questions wait")
        yield f"{waiting} for a person; until then what is recommended stands."
