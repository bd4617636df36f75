"""Alerts and dashboard: every expression parses and asks only for figures that somebody gives."""

import json
import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from caravan_orchestrator.api.metrics import families
from caravan_orchestrator.store.reads.figures import Figures, Spent

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
ALERTS = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARDS = [json.loads(path.read_text()) for path in sorted((DEPLOY / "grafana/dashboards").glob("*.json"))]
PANELS = [panel for dashboard in DASHBOARDS for panel in dashboard["panels"]]
EXPRESSIONS = [rule["expr"] for rule in ALERTS] + [
    target["expr"] for panel in PANELS for target in panel["targets"]
]
COMPOSE = yaml.safe_load((DEPLOY / "compose.monitoring.yml").read_text())


def given() -> set[str]:
    """Names the gateway serves, and what the code counts and measures as the collector's exporter names it."""
    found = {family.name for family in families(Figures(), Spent())}
    for package in ("libs", "services"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            for name in re.findall(r'create_counter\(\s*"([\w.]+)"', text):
                found.add(f"{name.replace('.', '_')}_total")
            for name in re.findall(r'create_histogram\(\s*"([\w.]+)",\s*unit="s"', text):
                found |= {f"{name.replace('.', '_')}_seconds_{each}" for each in ("bucket", "sum", "count")}
    return found


def metrics_in(expression: str) -> set[str]:
    """Raises ValueError when it does not parse."""
    promql_parser.parse(expression)
    return set(re.findall(r"\b(?:caravan|rabbitmq)_\w+|\bup\b|\bALERTS\b", expression))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_parses_and_its_figures_exist(expression: str) -> None:
    asked = metrics_in(expression)
    assert asked
    assert {name for name in asked if name.startswith("caravan_")} <= given()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_means_what_to_do_and_when_it_is_over(rule: dict[str, Any]) -> None:
    said = rule["annotations"]
    assert {"summary", "meaning", "action", "over", "runbook"} <= said.keys()
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert said["runbook"] == rule["alert"].lower()  # as a heading is linked to


def runbook() -> dict[str, str]:
    """The section of each alert, its words in one line."""
    chapter = (ROOT / "docs/operating.md").read_text().partition("\n## Alerts\n")[2].partition("\n## ")[0]
    _, *sections = re.split(r"^### (\w+)$", chapter, flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in zip(sections[::2], sections[1::2], strict=True)}


def test_every_alert_has_a_section_in_the_runbook_and_no_other_has() -> None:
    assert list(runbook()) == [rule["alert"] for rule in ALERTS]


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_its_section_says_what_the_alert_says_and_what_to_do_step_by_step(rule: dict[str, Any]) -> None:
    section, said = runbook()[rule["alert"]], rule["annotations"]
    meaning, action, over = (
        section.index(f"**{word}.** {said[key]}")
        for word, key in (("Means", "meaning"), ("Do", "action"), ("Over", "over"))
    )
    assert meaning < action < over
    steps = section[action + len(said["action"]) : over]
    assert [int(each) for each in re.findall(r"(?<= )(\d)\. ", steps)][:2] == [1, 2]


def test_the_containers_mount_what_is_there() -> None:
    mounts = [mount for each in COMPOSE["services"].values() for mount in each["volumes"] if mount[0] == "."]
    assert mounts
    for mount in mounts:
        assert (ROOT / mount.split(":")[0]).exists()


def test_every_figure_is_shown_on_a_dashboard() -> None:
    shown = {name for panel in PANELS for target in panel["targets"] for name in metrics_in(target["expr"])}
    unseen = given() - shown
    # Of a histogram the buckets tell all that its sum and count do.
    assert {name for name in unseen if not name.endswith(("_seconds_sum", "_seconds_count"))} == set()


def test_dashboards_have_names_and_panels_of_their_own() -> None:
    assert len({dashboard["uid"] for dashboard in DASHBOARDS}) == len(DASHBOARDS) > 1
    for dashboard in DASHBOARDS:
        ids = [panel["id"] for panel in dashboard["panels"]]
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
        assert len(set(ids)) == len(ids) == len(set(places))
        assert all(panel["description"] for panel in dashboard["panels"])
