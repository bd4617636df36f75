"""`make eval`: a model that knows the key agrees with it, one that is away leaves everything to the rules."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.judging import installed_crews, load_cases
from caravan_assessment.crews.treatment import cases as treatment
from caravan_common.crews import Case
from caravan_planning.crews.target import cases as target
from caravan_planning.domain.target.contested import CONTESTED
from tests.support.model_server import ModelServer, Status, verdicts_json

ROOT = Path(__file__).parents[3]
KEYED = {each.case.id: each for each in load_cases()}
CREWS = installed_crews()
WRONG = "pair-2"


def evaluate(server: ModelServer, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.judging", *arguments],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("CARAVAN_")},
            "CARAVAN_LLM": "openai/scripted",
            "CARAVAN_LLM_BASE_URL": server.url,
            "CARAVAN_LLM_API_KEY": "sk-scripted",
            "CARAVAN_LLM_PROMPT_PRICE": "2",
            "CARAVAN_LLM_COMPLETION_PRICE": "10",
            **settings,
        },
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def by_the_key(cases: list[Case]) -> str:
    return verdicts_json([_verdict(case) for case in cases])


def _verdict(case: Case) -> dict[str, Any]:
    option = KEYED[case.id].key
    if case.id == WRONG:
        option = next(each.id for each in case.options if each.id != option)
    return {
        "case_id": case.id,
        "option": option,
        "confidence": 0.9,
        "reasons": ["it is so"],
        "evidence": list(case.facts)[:1],
    }


def test_every_crew_has_cases_whose_key_the_rules_miss() -> None:
    missed = {each.crew for each in KEYED.values() if each.case.recommendation != each.key}
    assert missed == {each.crew for each in KEYED.values()} == set(CREWS)
    assert len(KEYED) == len(load_cases())
    assert {"treatment", "target", "identity"} <= set(CREWS)  # of three services


def facts_of(crew: str) -> list[dict[str, Any]]:
    return [dict(each.case.facts) for each in KEYED.values() if each.crew == crew]


def test_cases_of_treatments_hold_what_that_crew_is_told() -> None:
    for facts in facts_of(treatment.CREW):
        assert {"name", "targets", "callers", "signals", "signal_words"} <= facts.keys()
        assert facts.keys() <= {*treatment._FACTS, "signals", "signal_words"}
        assert facts["signals"].keys() == facts["signal_words"].keys()


def test_cases_of_targets_are_what_that_crew_makes_of_their_facts() -> None:
    machines = [
        each.case for each in KEYED.values() if each.crew == target.CREW and "kind" in each.case.facts
    ]
    rows = [{**case.facts, "natural_key": case.id, "margin": _margin(dict(case.facts))} for case in machines]
    contested = pl.DataFrame([{name: row[name] for name in CONTESTED} for row in rows], schema=CONTESTED)
    assert [each.case for each in target.make_contests(contested)] == machines
    assert {row["kind"] for row in rows} == {"licence", "database", "size"}
    assert len(machines) == len(facts_of(target.CREW)) - 1  # the other is about the provider


def _margin(facts: dict[str, Any]) -> float:
    months = facts["recommended_month"], facts["other_month"]
    return 0.0 if None in months else abs(months[0] - months[1]) / max(months)


def test_agreement_cost_and_time_are_told() -> None:
    with ModelServer() as server:
        server.script(by_the_key, usage=(1000, 100))
        done = evaluate(server, "--json")
        calls = len(server.requests)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["all"]["cases"], found["all"]["agree"]) == (len(KEYED), len(KEYED) - 1)
    assert found["all"]["left_to_rules"] == 0
    (missed,) = found["disagreements"]
    assert (missed["case"], missed["decided_by"], missed["because"]) == (WRONG, "crew", "it is so")
    assert found["calls"] == calls
    assert found["cost_usd"] == round(calls * (1000 * 2 + 100 * 10) / 1e6, 6)
    assert set(found["prompt_versions"]) == set(CREWS)
    assert found["seconds"] > 0


def test_a_model_that_is_away_is_no_success() -> None:
    with ModelServer() as server:
        server.script(Status(401))
        done = evaluate(server)
    assert done.returncode == 1
    assert "the model failed (HTTP 401)" in done.stdout
