"""The sample estate through all six phases, held against what its generator knows must come out."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from caravan_common.crews import Case, Judgement
from caravan_common.reporting import render_page
from caravan_discovery.report import make_report
from tests.unit.discovery.conftest import CHAIN, REPORTED, Discovery, judge_offline

HARBOUR = Path(__file__).resolve().parents[3] / "samples" / "harbour"
EXPECTED: dict[str, Any] = json.loads((HARBOUR / "expected.json").read_text(encoding="utf-8"))
# The estate's names for sources, by the file that begins so.
SOURCES = {
    "rvtools": "rvtools", "mpa": "mpa", "hardware": "hardware_list", "leitstand": "control_room",
    "cmdb": "servicenow", "cmf": "cmf_intake",
}  # fmt: skip
MACHINES = ("server", "virtual_machine", "hypervisor_host", "network", "storage", "load_balancer")
PASSWORDS = ("Kaimauer-2019!", "Hafen#4711")


class Harbour(Discovery):
    """The flow after its last phase; `cases` are all that crews were asked."""

    cases: list[Case]

    def named(self, *conditions: pl.Expr | str) -> list[str]:
        """Names of assets, as short as the generator's."""
        return sorted(short(name) for name in self.table("assets").filter(*conditions)["name"])

    def asset(self, name: str) -> dict[str, Any]:
        [row] = [row for row in self.rows("assets") if short(row["name"]) == name]
        return row

    def names(self) -> dict[str, str]:
        return {row["natural_key"]: row["name"] for row in self.rows("assets")}

    def pairs(self, *origins: str) -> set[tuple[str, str]]:
        """Names of source and target of the edges of these origins."""
        rows = self.table("dependencies").filter(pl.col("origin").is_in(origins))
        return set(rows.select("source_name", "target_name").iter_rows())


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Harbour:
    flow = Harbour(tmp_path_factory.mktemp("harbour"), {"as_of": EXPECTED["as_of"]})
    flow.cases = []

    def judge(crew: str, cases: Sequence[Case]) -> list[Judgement]:
        flow.cases += cases
        return judge_offline(crew, cases)

    flow.judge = judge
    for name in EXPECTED["inputs"]:
        flow.upload(HARBOUR / name)
    flow.run(*CHAIN)
    return flow


def short(name: str) -> str:
    """'pay-svc-01 (Payments)' and 'pay-svc-01.nordkai.example' are both 'pay-svc-01'."""
    return name.partition(" (")[0].partition(".")[0].strip()


def shortened(names: list[str]) -> list[str]:
    return sorted(map(short, names))


def test_the_crew_sees_by_the_other_files_what_the_rules_keep_as_custom(harbour: Harbour) -> None:
    [case] = [case for case in harbour.cases if case.id.endswith("|Ref")]
    [mapping] = [row for row in harbour.rows("field_mappings") if row["natural_key"] == case.id]

    assert case.recommendation == "none"
    assert (mapping["attribute"], mapping["decided_by"]) == ("application_name", "crew")
    assert case.facts["share_of_values_known_elsewhere"] == {"application_name": 1.0}


def test_assets_count_by_type_by_target_and_by_reason(harbour: Harbour) -> None:
    found = harbour.summary("inventory")["assets"]

    assert {key: found[key] for key in ("total", "by_type", "migration_targets", "not_targets")} == {
        key: EXPECTED["assets"][key] for key in ("total", "by_type", "migration_targets", "not_targets")
    }


def test_what_no_cloud_offers_is_blocked_and_what_is_off_stays_a_target(harbour: Harbour) -> None:
    expected = EXPECTED["assets"]

    assert harbour.named(pl.col("blocked_reason").is_not_null()) == shortened(expected["blocked_targets"])
    assert harbour.named("is_target", pl.col("power_state") == "off") == shortened(
        expected["powered_off_targets"]
    )


def test_sixty_alike_workers_are_one_pool(harbour: Harbour) -> None:
    [pool] = EXPECTED["assets"]["pools"]

    sizes = harbour.table("assets")["pool"].drop_nulls().value_counts()
    assert sizes.filter(pl.col("pool").str.contains(pool["name"]))["count"].to_list() == [pool["members"]]


def test_applications_are_those_that_somebody_names(harbour: Harbour) -> None:
    assert (
        sorted(harbour.table("assets").filter(pl.col("asset_type") == "application")["name"])
        == EXPECTED["applications"]["names"]
    )


def test_applications_without_a_server_and_targets_without_an_application(harbour: Harbour) -> None:
    names = harbour.names()
    targets = set(harbour.table("assets").filter("is_target")["natural_key"])
    members = [row for row in harbour.rows("memberships") if row["asset_key"] in targets]
    served = {names[row["application_key"]] for row in members if row["kind"] == "application"}
    alone = [names[row["asset_key"]] for row in members if row["kind"] == "unassigned"]

    assert sorted({*EXPECTED["applications"]["names"]} - served) == EXPECTED["applications"]["without_server"]
    expected = EXPECTED["unassigned_targets"]
    assert len(alone) == expected["count"]
    assert shortened([name for name in alone if not name.startswith("batch-wrk-")]) == shortened(
        expected["names"]
    )


def test_machines_are_merged_across_sources_exactly_where_identifiers_say_so(harbour: Harbour) -> None:
    files = dict(harbour.table("imports").select("source", "file").drop_nulls().iter_rows())
    label = {
        source: next((SOURCES[start] for start in SOURCES if file.startswith(start)), file)
        for source, file in files.items()
    }
    rows = harbour.table("assets").filter(
        pl.col("asset_type").is_in(MACHINES), pl.col("sources").list.len() > 1
    )
    found = Counter(" + ".join(sorted(label[source] for source in sources)) for sources in rows["sources"])

    assert rows.height == EXPECTED["merged"]["assets_in_several_sources"]
    assert dict(sorted(found.items())) == EXPECTED["merged"]["by_sources"]


def test_every_planted_conflict_is_found_and_few_others(harbour: Harbour) -> None:
    names = harbour.names()
    found = {(short(names[row["asset_key"]]), row["attribute"]) for row in harbour.rows("conflicts")}
    # A system that differs in its version only is a conflict about the version.
    found |= {(name, "operating_system") for name, attribute in found if attribute == "os_version"}

    planted = {(short(each["asset"]), each["attribute"]) for each in EXPECTED["conflicts_planted"]}
    assert planted <= found
    unplanned = {attribute for name, attribute in found - planted}
    assert unplanned <= {"os_version", "technical_owner"}


def test_the_newer_row_of_a_repeated_key_wins_where_the_source_dates_its_rows(harbour: Harbour) -> None:
    assert harbour.asset("bhv-alt-06")["memory_gb"] == 64


def test_the_version_belongs_to_the_system_that_won(harbour: Harbour) -> None:
    contested = {name: harbour.asset(name) for name in ("gate-app-02", "hr-app-01", "edi-gw-01")}

    assert {name: (row["operating_system"], row["os_version"]) for name, row in contested.items()} == {
        "gate-app-02": ("Ubuntu", "20.04"),
        "hr-app-01": ("Ubuntu", None),
        "edi-gw-01": ("SUSE Linux Enterprise Server", "12"),
    }


def test_every_reference_that_resolves_to_nothing_is_a_gap_with_its_row(harbour: Harbour) -> None:
    found = {
        (place, row["subject"])
        for row in harbour.rows("gaps")
        if row["kind"] in ("unresolved_reference", "unknown_endpoint")
        for place in row["places"]
    }

    expected = {
        (f"{gap['file']}#{gap['sheet'] or ''}#{gap['row']}", gap["reference"]) for gap in EXPECTED["gaps"]
    }
    assert found == expected
    suggestions = {row["subject"]: row["suggestions"] for row in harbour.rows("gaps")}
    assert suggestions["DB-5"][0] == "DB-05"
    assert harbour.summary("dependencies")["gaps"] == harbour.table("gaps").height


def test_the_blank_vcpu_is_assumed_with_a_flag_and_stays_unknown(harbour: Harbour) -> None:
    [trap] = [trap for trap in EXPECTED["traps"] if trap["trap"] == "blank_vcpu"]
    place = f"{trap['file']}#{trap['sheet']}#{trap['row']}"
    assumed = {row["subject"]: row for row in harbour.rows("gaps") if row["assumed_cpu_cores"] is not None}
    blank = [row for row in harbour.rows("assets") if place in row["source_entities"]]

    assert [(row["name"], row["cpu_cores"]) for row in blank] == [("syslog-01", None)]
    assert assumed[blank[0]["natural_key"]]["assumed_cpu_cores"] > 0
    assert harbour.summary("inventory")["assumptions"] == sum(row["count"] for row in assumed.values())


def test_dependencies_are_those_stated_and_those_observed(harbour: Harbour) -> None:
    expected = EXPECTED["dependencies"]

    assert harbour.pairs("application dependency", "depends on") == {tuple(e) for e in expected["edges"]}
    assert harbour.pairs("flow between their machines") == {
        tuple(edge) for edge in expected["observed_between_applications"]
    }


def test_cycles_become_groups_and_shared_services_are_set_aside(harbour: Harbour) -> None:
    names = harbour.names()
    groups = [sorted(names[key] for key in row["members"]) for row in harbour.rows("dependency_groups")]
    shared = [names[row["asset_key"]] for row in harbour.rows("shared_services")]

    assert sorted(groups) == EXPECTED["dependencies"]["cycles_stated"]
    assert sorted(shared) == sorted(EXPECTED["dependencies"]["shared_services_observed"])


def test_support_of_every_system_is_judged_as_of_the_given_day(harbour: Harbour) -> None:
    expected = EXPECTED["operating_systems"]
    targets = harbour.table("assets").filter("is_target").select("natural_key")
    rows = (
        harbour.table("tech_debt")
        .filter(pl.col("kind") == "operating_system")
        .join(targets, left_on="asset_key", right_on="natural_key", how="semi")
    )
    uncertain = Counter(shortened(expected["uncertain"]))
    found = {
        status: Counter(map(short, names)) - uncertain
        for status, names in rows.group_by("status").agg("asset_name").iter_rows()
    }

    assert rows.height == EXPECTED["assets"]["migration_targets"]
    for status in ("unsupported", "ending_12_months", "unknown"):
        assert found[status] == Counter(shortened(expected[status])), status
    assert found["supported"].total() == expected["counts"]["supported"]


def test_idle_and_zombie_machines_are_those_that_do_little(harbour: Harbour) -> None:
    usage = harbour.table("tech_debt").filter(pl.col("kind") == "usage")

    for status in ("idle", "zombie"):
        assert sorted(usage.filter(pl.col("status") == status)["asset_name"]) == EXPECTED["usage"][status]


def test_words_of_several_languages_come_to_one_vocabulary(harbour: Harbour) -> None:
    assets = harbour.table("assets")

    assert set(assets["environment"].drop_nulls()) == {
        "production", "test", "development", "non-production",
    }  # fmt: skip
    assert set(assets["business_criticality"].drop_nulls()) == {"mission-critical", "high", "medium", "low"}
    assert set(assets["virtualization_type"].drop_nulls()) == {"physical", "virtual"}
    assert set(assets["data_classification"].drop_nulls()) == {
        "public", "internal", "confidential", "restricted",
    }  # fmt: skip


def test_single_cells_mean_what_their_departments_meant(harbour: Harbour) -> None:
    fin, zeit = harbour.asset("fin-phy-01"), harbour.asset("zeit-01")
    cctv, mailgw = harbour.asset("cctv-phy-01"), harbour.asset("mailgw-app-01")

    assert (fin["memory_gb"], fin["storage_gb"]) == (128, 3840)
    assert (zeit["memory_gb"], zeit["cpu_cores"], zeit["application_name"]) == (None, None, None)
    assert cctv["cpu_cores"] == 16
    assert mailgw["blocked_reason"] == "appliance"
    assert harbour.asset("druck-alt")["power_state"] == "off"
    assert harbour.asset("Terminal Operating System")["lifecycle"] == "invest"
    assert harbour.asset("Customer Survey")["user_count"] is None


def test_text_that_looks_like_a_formula_or_an_order_is_only_text(harbour: Harbour) -> None:
    assert harbour.asset("poc-ki")["description"].startswith("Ignore previous instructions")
    assert harbour.table("assets").filter(pl.col("description").str.starts_with("=HYPERLINK")).height == 1


def test_no_planted_password_leaves_the_raw_rows(harbour: Harbour) -> None:
    for name in sorted({*harbour.inputs} - {"raw_rows"}):
        text = harbour.table(name).write_json()
        assert not [password for password in PASSWORDS if password in text], name
    results = harbour.results.values()
    asked = [question.model_dump_json() for result in results for question in result.questions]
    told = [json.dumps(result.summary, default=str) for result in results]
    cases = [case.model_dump_json() for case in harbour.cases]
    assert cases
    for text in (*asked, *told, *cases):
        assert not [password for password in PASSWORDS if password in text]


def test_planted_passwords_become_issues(harbour: Harbour) -> None:
    issues = harbour.table("cleansing_issues").filter(pl.col("code") == "secret_in_text")

    trapped = {
        f"{trap['file']}#{trap['sheet'] or ''}#{trap['row']}"
        for trap in EXPECTED["traps"]
        if trap["trap"] == "password_in_note"
    }
    assert trapped <= set(issues["subject"])


def test_the_report_holds_no_secret_and_no_order_of_a_file(harbour: Harbour) -> None:
    summaries = {key: value for phase in CHAIN for key, value in harbour.summary(phase).items()}
    as_of = date(2026, 11, 21)
    part = make_report("Nordkai", as_of, summaries, {name: harbour.table(name) for name in REPORTED})
    page = render_page("Nordkai", as_of, [part])

    for text in (*PASSWORDS, "Ignore previous instructions"):
        assert text not in page
    for text in ("tos-db-01", "10.20.5.77:1521", "Terminal Operating System", "Windows Server 2008 R2"):
        assert text in page


def test_files_given_in_another_order_make_the_same_bytes(harbour: Harbour, tmp_path: Path) -> None:
    again = Discovery(tmp_path, dict(harbour.configuration), judge=judge_offline)
    for name in reversed(EXPECTED["inputs"]):
        again.upload(HARBOUR / name)
    again.run(*CHAIN)

    assert {name: given.manifest.artifact.sha256 for name, given in again.inputs.items()} == {
        name: given.manifest.artifact.sha256 for name, given in harbour.inputs.items()
    }
    assert [again.summary(phase) for phase in CHAIN] == [harbour.summary(phase) for phase in CHAIN]


def test_a_scope_keeps_its_applications_and_says_what_crosses_its_border(tmp_path: Path) -> None:
    scoped = Discovery(
        tmp_path, {"as_of": EXPECTED["as_of"], "scope": {"assets": ["Billing", "git-01"], "applications": []}}
    )
    for name in EXPECTED["inputs"]:
        scoped.upload(HARBOUR / name)
    scoped.run(*CHAIN)

    names = set(scoped.table("assets")["name"])
    assert {"Billing", "billing-db-01", "BILL", "git-01"} <= names
    assert "tos-web-01" not in names
    keys = set(scoped.table("assets")["natural_key"])
    edges = scoped.table("dependencies")
    assert set(edges["source_key"]) | set(edges["target_key"]) <= keys
    assert set(scoped.table("conflicts")["asset_key"]) <= keys
    kinds = dict(scoped.table("gaps")["kind"].value_counts().iter_rows())
    assert "unknown_endpoint" not in kinds
    beyond = scoped.table("gaps").filter(pl.col("kind") == "outside_scope")["message"]
    assert beyond.str.starts_with("ERP Finance is outside the scope").any()


def test_the_day_it_is_judged_by_is_the_one_given_and_never_today(harbour: Harbour, tmp_path: Path) -> None:
    earlier = Discovery(tmp_path, {"as_of": "2015-01-01"})
    earlier.inputs = dict(harbour.inputs)
    earlier.run("tech_debt")

    before, after = earlier.summary("tech_debt")["tech_debt"], harbour.summary("tech_debt")["tech_debt"]
    assert before["unsupported"] < 5 < after["unsupported"]


def test_what_is_told_of_joins_holds_every_asset_of_several_sources_together(harbour: Harbour) -> None:
    links: dict[str, list[set[str]]] = {}
    for row in harbour.rows("identities"):
        links.setdefault(row["asset_key"], []).append({row["left_source"], row["right_source"]})
    several = {
        row["natural_key"]: set(row["sources"]) for row in harbour.rows("assets") if len(row["sources"]) > 1
    }
    assert several
    # An application that only its machines name has their sources, and no record of its own.
    for key, sources in several.items():
        if key.startswith("application:"):
            continue
        reached = set(links[key][0])
        while more := [link for link in links[key] if link & reached and not link <= reached]:
            reached |= set().union(*more)
        assert reached == sources, key
    assert set(links) <= set(several)
