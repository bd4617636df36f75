"""Each figure of the report, counted again from the exported CSV files and from what `--json` printed."""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.e2e.conftest import Harbour

Rows = list[dict[str, str]]
# Tables that show the first rows only.
SHORTENED = ("ending/", "gap/", "conflicts/", "needed_by/", "cut_off/")
ASSUMED = {"machines": "count", "cores": "assumed_cpu_cores"}
MOST_ROWS = 12
NEEDED = {
    "migration target": (
        "operating_system", "cpu_cores", "memory_gb", "storage_gb", "environment", "business_criticality",
        "business_owner", "cpu_avg_percent", "memory_avg_percent", "current_monthly_cost",
    ),
    "application": ("business_criticality", "business_owner", "data_classification", "application_type"),
    "database": ("database_type", "database_version", "database_size_gb"),
}  # fmt: skip


class Figures(HTMLParser):
    """The page's figures by name: what a program reads and a person does; `drawn` are in pictures, without text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, float] = {}
        self.shown: dict[str, str] = {}
        self.drawn: set[str] = set()
        self._name: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("data-figure")
        if name is None:
            return
        assert name not in self.values, "one name for two figures"
        value = given["value" if tag == "data" else "data-value"] or ""
        self.values[name] = float(value) if "." in value else int(value)
        if tag == "data":
            self._name = name
        else:
            self.drawn.add(name)

    def handle_data(self, data: str) -> None:
        if self._name is not None:
            self.shown[self._name] = data

    def handle_endtag(self, tag: str) -> None:
        if tag == "data":
            self._name = None


@pytest.fixture(scope="module")
def figures(harbour: Harbour) -> Figures:
    return Figures(harbour.report.read_text(encoding="utf-8"))


def rows_of(harbour: Harbour, name: str) -> Rows:
    with (harbour.exports / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counted(prefix: str, rows: Rows, column: str) -> dict[str, int]:
    return {
        f"{prefix}/{value}": count for value, count in Counter(row[column] for row in rows).items() if value
    }


def file_of(place: str) -> str:
    return place.rsplit("#", 2)[0]


def pairs(conflicts: Rows) -> Iterator[str]:
    for row in conflicts:
        losers = {file_of(place) for place in row["loser_rows"].split("; ")}
        yield from (f"conflicts/{file_of(row['winner_row'])}/{loser}" for loser in losers)


def of_assets(assets: Rows, applications: Rows) -> dict[str, int]:
    targets = [row for row in assets if row["is_target"] == "true"]
    kinds = {
        "migration target": targets,
        "application": [row for row in assets if row["asset_type"] == "application"],
        "database": [row for row in assets if row["asset_type"] == "database"],
    }
    unknown = {
        f"unknown/{kind}/{name}": sum(row[name] == "" for row in kinds[kind])
        for kind, names in NEEDED.items()
        for name in names
    }
    unknown["unknown/migration target/application"] = sum(
        int(row["members"]) for row in applications if row["kind"] == "unassigned"
    )
    return {
        "assets/total": len(assets),
        "assets/migration_targets": len(targets),
        **counted("assets/type", assets, "asset_type"),
        **counted("assets/not_target", assets, "not_target_reason"),
        **{name: count for name, count in unknown.items() if count},
    }


def of_imports(imports: Rows) -> dict[str, int]:
    names = ("rows", "accepted", "rejected")
    notes = {
        f"formulas/{row['file']}/{row['sheet']}/{note['cell']}": note["count"]
        for row in imports
        for note in json.loads(row["notes_json"])
    }
    return notes | {
        f"file/{file}/{name}": sum(int(row[name]) for row in imports if row["file"] == file)
        for file in {row["file"] for row in imports}
        for name in names
    }


def of_columns(mappings: Rows, unread: list[dict[str, Any]]) -> dict[str, int]:
    """Of the tables with most columns of unknown meaning, and of the values that most often could not be used."""
    places: dict[str, Rows] = {}
    for row in mappings:
        places.setdefault(", ".join(filter(None, (row["file"], row["sheet"]))), []).append(row)
    unknown = {
        place: sum(not row["attribute"] and row["method"] in ("none", "crew") for row in rows)
        for place, rows in places.items()
    }
    ranked = sorted((place for place in places if unknown[place]), key=lambda each: (-unknown[each], each))
    figures = {}
    for place in ranked[:MOST_ROWS]:
        figures[f"columns/{place}"] = len(places[place])
        figures[f"columns/{place}/attributes"] = sum(bool(row["attribute"]) for row in places[place])
        figures[f"columns/{place}/unknown"] = unknown[place]
    for each in unread[:MOST_ROWS]:
        place = ", ".join(filter(None, (each["file"], each["sheet"])))
        figures[f"unread/{place}/{each['attribute']}/{each['code']}"] = each["count"]
    return figures


def of_edges(edges: Rows, assets: Rows) -> dict[str, int]:
    applications = {row["natural_key"] for row in assets if row["asset_type"] == "application"}
    between = [
        row
        for row in edges
        if row["shared_service"] == "false" and {row["source_key"], row["target_key"]} <= applications
    ]
    return {
        "dependencies/edges": len(edges),
        **counted("dependencies/kind", edges, "kind"),
        "graph/edges": len(between),
        "graph/ends": len({row[end] for row in between for end in ("source_name", "target_name")}),
    }


def of_debt(debt: Rows) -> dict[str, int]:
    # Runtimes are counted apart from machines and databases.
    machines = [row for row in debt if row["kind"] != "technology"]
    statuses = counted("tech_debt", machines, "status")
    shown = ("unsupported", "ending_12_months", "supported", "unknown")
    ending = Counter(
        f"ending/{row['product']} {row['version']}".rstrip() + f"/{row['eol_date']}"
        for row in debt
        if row["status"] in ("unsupported", "ending_12_months") and row["product"]
    )
    points = [row for row in debt if row["kind"] == "single_point_of_failure"]
    return {
        **{f"needed_by/{row['asset_key']}": int(row["dependents"] or 0) for row in points},
        **{f"cut_off/{row['asset_key']}": int(row["cut_off"] or 0) for row in points},
        "tech_debt/out": statuses["tech_debt/unsupported"],
        **{f"tech_debt/{name}": statuses[f"tech_debt/{name}"] for name in shown},
        **ending,
    }


def in_whole_numbers(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}"


def of_treatments(treatments: Rows) -> dict[str, float]:
    counts = Counter(row["treatment"] for row in treatments)
    targets = {
        name: sum(int(row["targets"]) for row in treatments if row["treatment"] == name) for name in counts
    }
    return {
        "treatments/units": len(treatments),
        "treatments/contested": sum(row["contested"] == "true" for row in treatments),
        **{f"treatments/{name}": count for name, count in counts.items()},
        **{f"treatments/bar/{name}": count for name, count in counts.items()},
        **{f"treatments/targets/{name}": count for name, count in targets.items()},
    }


def of_waves(waves: Rows, calendar: Rows, edges: Rows) -> dict[str, float]:
    wave_of = {row["natural_key"]: row["wave"] for row in waves if row["wave"]}
    ties = [
        (row["source"], row["target"])
        for row in edges
        if row["shared_service"] != "true" and row["source"] != row["target"]
    ]
    ends = [(wave_of[one], wave_of[other]) for one, other in ties if one in wave_of and other in wave_of]
    efforts = {
        wave: round(sum(float(row["effort"]) for row in waves if row["wave"] == wave), 1)
        for wave in wave_of.values()
    }
    return {
        "waves/count": len(efforts),
        "waves/violations": sum(row["blackout"] == "true" for row in calendar if row["wave"] in efforts),
        "waves/graph/units": len(wave_of),
        "waves/graph/edges": len(ends),
        "waves/graph/cut": sum(one != other for one, other in ends),
        **{f"waves/effort/{wave}": effort for wave, effort in efforts.items()},
        **{
            f"waves/capacity/{row['wave']}": float(row["capacity_effort"])
            for row in calendar
            if row["wave"] in efforts
        },
    }


def of_plan(tasks: Rows, costs: Rows) -> dict[str, float]:
    [total] = [row for row in costs if row["kind"] == "total"]
    ways = ("today", "like_for_like", "right_sized", "managed", "planned")
    return {
        "schedule/makespan_days": max(int(row["start_day"]) + int(row["duration_days"]) for row in tasks),
        "cost/today": float(total["today"]),
        "cost/right_sized": float(total["right_sized"]),
        "cost/unknown_assets": int(total["right_sized_unknown"]),
        **{f"cost/bar/{way}": float(total[way]) for way in ways},
    }


def of_teams(resources: Rows) -> dict[str, float]:
    """Person-days a week; of more than five teams those with the least work, from the fifth on, together."""
    work: defaultdict[str, float] = defaultdict(float)
    for row in resources:
        work[row["team"]] += float(row["effort_days"])
    ranked = sorted(work, key=lambda team: (-work[team], team))
    alone = ranked if len(ranked) <= 5 else ranked[:4]
    figures: defaultdict[str, float] = defaultdict(float)
    for row in resources:
        week = date.fromisoformat(row["starts"]).strftime("%G-W%V")
        team = row["team"] if row["team"] in alone else "all other teams"
        for name, column in ((f"effort/{week}/{team}", "effort_days"), (f"capacity/{week}", "capacity_days")):
            figures[f"teams/{name}"] += float(row[column])
    return {name: days for name, days in figures.items() if days or name.startswith("teams/capacity")}


def test_each_figure_of_the_report_is_the_one_of_the_csv_files(harbour: Harbour, figures: Figures) -> None:
    names = (
        "assets", "applications", "imports", "rejected_rows", "conflicts", "gaps", "dependencies", "tech_debt",
        "treatments", "waves", "plan_calendar", "application_edges", "tasks", "costs",
        "field_mappings", "resources",
    )  # fmt: skip
    csvs = {name: rows_of(harbour, name) for name in names}
    expected = {
        **of_assets(csvs["assets"], csvs["applications"]),
        **of_imports(csvs["imports"]),
        **of_columns(csvs["field_mappings"], harbour.answer["unread_values"]),
        "rejected": len(csvs["rejected_rows"]),
        **counted("rejected", csvs["rejected_rows"], "code"),
        "conflicts": len(csvs["conflicts"]),
        **Counter(pairs(csvs["conflicts"])),
        "gaps": len(csvs["gaps"]),
        **{
            f"gap/{row['natural_key']}": int(row["count"])
            for row in csvs["gaps"]
            if row["kind"] != "missing_attribute"
        },
        **{
            f"assumed/{row['natural_key']}/{word}": int(row[column])
            for row in csvs["gaps"]
            if row["assumed_cpu_cores"]
            for word, column in ASSUMED.items()
        },
        **of_edges(csvs["dependencies"], csvs["assets"]),
        **of_debt(csvs["tech_debt"]),
        **of_treatments(csvs["treatments"]),
        **of_waves(csvs["waves"], csvs["plan_calendar"], csvs["application_edges"]),
        **of_plan(csvs["tasks"], csvs["costs"]),
        **of_teams(csvs["resources"]),
    }

    assert figures.values == {name: expected.get(name) for name in figures.values}
    for name in set(expected) - set(figures.values):
        prefix = f"{name.partition('/')[0]}/"
        assert prefix in SHORTENED, f"{name} is missing"
        assert sum(each.startswith(prefix) for each in figures.values) == MOST_ROWS, name


def test_figures_of_the_report_are_those_that_run_printed_as_json(harbour: Harbour, figures: Figures) -> None:
    told = harbour.answer
    files: Counter[str] = Counter()
    for entry in told["imports"]:
        files.update(
            {f"file/{entry['file']}/{name}": entry[name] for name in ("rows", "accepted", "rejected")}
        )
    expected: dict[str, Any] = {
        "assets/total": told["assets"]["total"],
        "assets/migration_targets": told["assets"]["migration_targets"],
        **{f"assets/type/{name}": count for name, count in told["assets"]["by_type"].items()},
        **{f"assets/not_target/{name}": count for name, count in told["assets"]["not_targets"].items()},
        **files,
        "rejected": sum(entry["rejected"] for entry in told["imports"]),
        "conflicts": told["conflicts"],
        "gaps": told["gaps"],
        "dependencies/edges": told["dependencies"]["edges"],
        **{f"dependencies/kind/{name}": count for name, count in told["dependencies"]["by_kind"].items()},
        "tech_debt/out": told["tech_debt"]["unsupported"],
        "tech_debt/unsupported": told["tech_debt"]["unsupported"],
        "tech_debt/ending_12_months": told["tech_debt"]["ending_12_months"],
        "tech_debt/supported": told["tech_debt"]["supported"],
        "tech_debt/unknown": told["tech_debt"]["unknown"],
        **{f"treatments/{name}": count for name, count in told["treatments"]["counts"].items() if count},
        "treatments/units": sum(told["treatments"]["counts"].values()),
        "treatments/contested": told["treatments"]["contested"],
        "waves/count": told["waves"]["count"],
        "waves/violations": sum(told["waves"]["violations"].values()),
        **{f"waves/effort/{each['wave']}": each["effort"] for each in told["waves"]["load"]},
        **{f"waves/capacity/{each['wave']}": each["capacity"] for each in told["waves"]["load"]},
        "schedule/makespan_days": told["schedule"]["makespan_days"],
        "cost/unknown_assets": told["cost"]["unknown_assets"],
        **{f"cost/{name}": told["cost"][name] for name in ("today", "right_sized")},
        **{
            f"cost/bar/{name}": told["cost"][name]
            for name in ("today", "like_for_like", "right_sized", "managed", "planned")
        },
    }

    assert {name: figures.values[name] for name in expected} == expected
    assumed = [value for name, value in figures.values.items() if re.match("assumed/.*/machines$", name)]
    assert sum(assumed) == told["assumptions"] > 0
    assert figures.shown == {
        name: in_whole_numbers(value) for name, value in figures.values.items() if name not in figures.drawn
    }
    assert {name.partition("/")[0] for name in figures.drawn} == {"teams", "treatments"}
