"""A flow's answer in the shape that scripts rely on."""

from pathlib import Path
from typing import Any, cast

import pytest

from caravan.api import Api
from caravan.card import card_lines
from caravan.failures import BadInput
from caravan.installed import chain_end, installed_chain
from caravan.journey import (
    checked_files,
    failed_handoff,
    failure_of,
    follow_chain,
    nothing_found,
    read_scope,
    summarise,
)
from caravan.output import Steps


def phase(name: str, **given: Any) -> dict[str, Any]:
    return {
        "name": name,
        "status": "completed",
        "seconds": 0.5,
        "decided_by": {},
        "summary": {},
        "error": None,
        **given,
    }


def flow(*phases: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "flow_type": "discovery",
        "status": "completed",
        "reason": None,
        "phases": phases,
        **given,
    }


def test_figures_of_the_phases_stand_beside_the_flow_and_others_stay_out() -> None:
    answer = summarise(
        flow(phase("inventory", summary={"conflicts": 3, "notes": "ours"}, decided_by={"crew": 2}))
    )
    assert answer["conflicts"] == 3
    assert "notes" not in answer
    assert "gaps" not in answer
    decided = answer["flows"][0]["phases"][0]["decided_by"]
    assert decided == {"rule": 0, "crew": 2, "learned": 0, "person": 0}


def test_a_budget_that_ended_the_judging_is_told_with_its_phase_and_on_the_card() -> None:
    ended = {"cases": 37, "tokens": 1200, "words": "The budget for models ended the judging."}
    answer = summarise(flow(phase("data_import"), phase("inventory", summary={"budget_ended": ended})))
    phases = answer["flows"][0]["phases"]
    assert [each.get("budget_ended") for each in phases] == [None, ended]
    lines = dict(card_lines(answer))
    assert lines["Budget"].startswith("ended the judging in inventory: 37 cases stand as the rules recommend")
    assert "Budget" not in dict(card_lines(summarise(flow(phase("inventory")))))


def test_a_csv_has_no_sheet() -> None:
    answer = summarise(flow(phase("data_import", summary={"imports": [{"file": "a.csv", "sheet": ""}]})))
    assert answer["imports"] == [{"file": "a.csv", "sheet": None}]


def test_a_failed_phase_is_named_with_its_own_words() -> None:
    failed = phase(
        "data_import", status="failed", error={"code": "no_readable_file", "message": "Nothing here."}
    )
    assert failure_of(flow(failed, status="failed")) == ("no_readable_file", "data import: Nothing here.")
    assert failure_of(flow(status="cancelled", reason="by hand")) == (None, "the flow is cancelled: by hand")


def test_a_journey_that_finds_no_asset_is_no_success() -> None:
    columns = [{"column": name, "attribute": None} for name in ("a", "b", "a")]
    nothing = nothing_found({"assets": {"total": 0}, "mappings": columns})
    assert nothing is not None
    assert "(columns: a, b)" in str(nothing)
    scoped = nothing_found({"assets": {"total": 0}}, ["ERP Finance"])
    assert "ERP Finance" in str(scoped)
    assert nothing_found({"assets": {"total": 1}}) is None
    assert nothing_found({}) is None


def test_a_scope_file_is_one_name_per_line(tmp_path: Path) -> None:
    (tmp_path / "scope").write_text("\ufeffERP Finance\n\n# not this\n  tos-db-01 \n", encoding="utf-8")
    assert read_scope(tmp_path / "scope") == ["ERP Finance", "tos-db-01"]


def test_a_scope_file_that_names_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scope").write_text("# later\n")
    with pytest.raises(BadInput, match="names nothing"):
        read_scope(tmp_path / "scope")


def test_a_folder_is_no_inventory_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a folder"):
        checked_files([tmp_path])


def test_figures_of_all_flows_of_a_chain_stand_together() -> None:
    answer = summarise(
        flow(phase("inventory", summary={"conflicts": 3})),
        flow(phase("treatment", summary={"treatments": {"counts": {"rehost": 2}}}), flow_type="assessment"),
    )
    assert [each["flow_type"] for each in answer["flows"]] == ["discovery", "assessment"]
    assert (answer["conflicts"], answer["treatments"]) == (3, {"counts": {"rehost": 2}})


def test_a_handoff_that_came_to_nothing_is_told_in_its_own_words() -> None:
    handoff = {"from": "discovery", "to": "assessment", "status": "accepted", "error": None}
    assert failed_handoff({"handoffs": []}) is None
    assert failed_handoff({"handoffs": [handoff]}) is None
    failed = {**handoff, "status": "failed", "error": "assets is there: it was not made"}
    assert failed_handoff({"handoffs": [failed]}) == (
        "the handoff from discovery to assessment is failed: assets is there: it was not made"
    )
    assert failed_handoff({"handoffs": [failed, handoff]}) is None, "it was tried again"


def test_the_chain_goes_as_far_as_flows_are_installed() -> None:
    assert installed_chain()[:2] == ("discovery", "assessment")
    assert chain_end("assess") == "assessment"
    assert chain_end(None) == installed_chain()[-1]
    with pytest.raises(BadInput, match="there are: assessment, discovery"):
        chain_end("nonsense")


class Answers:
    """A gateway that answers these, one after the other."""

    def __init__(self, *chains: dict[str, Any]) -> None:
        self.left = list(chains)

    async def get(self, path: str) -> dict[str, Any]:
        assert path == "/flows/1/chain"
        return self.left.pop(0)


async def test_a_chain_is_followed_until_nothing_goes_on_in_its_flows_nor_between_them() -> None:
    def chain(*flows: dict[str, Any], **handoff: Any) -> dict[str, Any]:
        between = [{"target_flow_type": "assessment", "target_flow_id": None, **handoff}] if handoff else []
        return {"flows": list(flows), "handoffs": between, "progress": 0.5}

    now = {**phase("inventory", status="active"), "note": None}
    one, two = flow(now, status="active"), {**flow(now, flow_type="assessment"), "id": "2"}
    done = flow(phase("inventory"))
    end = chain(done, {**two, "status": "failed"}, status="accepted", target_flow_id="2")
    api = Answers(
        chain(one),
        chain(done, status="requested"),
        chain(done, status="building"),
        chain(done, status="accepted", target_flow_id="2"),  # read before the child was made
        chain(done, {**two, "status": "active"}, status="accepted", target_flow_id="2"),
        end,
    )
    assert await follow_chain(cast("Api", api), "1", Steps(None)) is end
    assert api.left == []
