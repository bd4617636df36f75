"""What every command has: a name like the others', help with an example, and --json wherever it tells something."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner

from caravan.examples import EXAMPLES
from caravan.main import app
from tests.support.command_lines import check_typed, split, visible

ROOT = Path(__file__).parents[3]
# A token; the others are processes that log.
_SAY_NOTHING = {"token", "worker", "orchestrator"}
_UNITS = re.compile(
    r"day|second|hour|GiB|byte|token|percent|0 to 1|rows|events|flows at the same time|free one|month",
    re.IGNORECASE,
)
# What is gone afterwards can't be brought back, or was done to more than anybody has looked at.
IRREVERSIBLE = {
    "flow rollback": ["FLOW"],
    "flow cancel": ["FLOW"],
    "flow delete": ["FLOW"],
    "restore": ["backup"],
    "service remove": ["discovery", "--mapping-only"],
    "service-account revoke": ["ACCOUNT"],
    "pattern forget": ["PATTERN"],
    "price withdraw": [],
    "lifecycle withdraw": [],
    "asset set-many": ["environment=test", "--search", "a", "--reason", "r"],
}
# Of these it can be seen beforehand what they would do.
PREVIEWED = ("flow rollback", "restore", "service remove", "asset set-many")
# What a person or a script needs by the command, operation by operation; None: for programs alone, with the reason.
COMMAND_OF: dict[str, str | None] = {
    "POST /uploads": "flow create",
    "GET /flow-types": "flow-type list",
    "POST /flows": "flow create",
    "GET /flows": "flow list",
    "GET /flows/{flow_id}": "flow show",
    "DELETE /flows/{flow_id}": "flow delete",
    "POST /chains": "chain create",
    "GET /flows/{flow_id}/chain": "chain show",
    "GET /flows/{flow_id}/handoffs": "handoff list",
    "POST /flows/{flow_id}/handoffs": "handoff create",
    "POST /flows/{flow_id}/pause": "flow pause",
    "POST /flows/{flow_id}/resume": "flow resume",
    "POST /flows/{flow_id}/cancel": "flow cancel",
    "POST /flows/{flow_id}/retry": "flow retry",
    "POST /flows/{flow_id}/refresh": "flow refresh",
    "POST /flows/{flow_id}/phases/{phase}/execute": "flow execute",
    "POST /flows/{flow_id}/phases/{phase}/skip": "flow skip",
    "GET /flows/{flow_id}/phases": "flow show",
    "GET /flows/{flow_id}/attempts": "attempt list",
    "GET /flows/{flow_id}/questions": "question list",
    "GET /flows/{flow_id}/approvals": "approval list",
    "GET /flows/{flow_id}/datasets": "dataset list",
    "GET /flows/{flow_id}/events": "event list",
    "GET /flows/{flow_id}/rollbacks": "rollback list",
    "POST /flows/{flow_id}/rollbacks": "flow rollback",
    "POST /flows/{flow_id}/rollbacks:plan": "flow rollback",
    "GET /rollbacks/{rollback_id}": "rollback show",
    "POST /questions/{question_id}/answer": "question answer",
    "POST /approvals/{approval_id}/approve": "approval approve",
    "POST /approvals/{approval_id}/reject": "approval reject",
    "GET /flows/{flow_id}/mappings": "mapping list",
    "PATCH /flows/{flow_id}/mappings": "mapping set",
    "GET /flows/{flow_id}/conflicts": "conflict list",
    "POST /conflicts/{conflict_id}/resolve": "conflict resolve",
    "GET /datasets/{dataset_id}": "dataset show",
    "GET /datasets/{dataset_id}/rows": "dataset rows",
    "GET /flows/{flow_id}/entities": "entity list",
    "GET /entities/{entity_id}/lineage": "entity lineage",
    "GET /assets": "asset list",
    "GET /assets:facets": "asset count",
    "GET /assets/{asset_id}": "asset show",
    "PATCH /assets/{asset_id}": "asset set",
    "POST /assets:batch": "asset set-many",
    "GET /assets/{asset_id}/lineage": "lineage",
    "GET /treatments": "treatment list",
    "PUT /applications/{application_id}/treatment": "treatment set",
    "GET /wave-plans/{version}": "wave show",
    "POST /wave-plans/{version}/edits:check": "wave check",
    "GET /wave-plans/{version}/edits/{edit_id}": "wave edit",
    "POST /wave-plans/{version}/edits:accept": "wave accept",
    "POST /wave-plans/{version}/edits:discard": "wave discard",
    "POST /wave-plans/{version}/edits:compare": "wave compare",
    "POST /wave-plans/{version}/edits:restore": "wave restore",
    "GET /schedules/{version}": "schedule show",
    "GET /resources": "resource list",
    "GET /targets": "target list",
    "GET /costs": "cost list",
    "GET /engagements/{engagement_id}/estates": "estate list",
    "POST /engagements/{engagement_id}/current-estate": "estate use",
    "GET /inbox": "inbox",
    "GET /engagements/{engagement_id}/overview": "overview",
    "GET /reports/{flow_id}": "report",
    "GET /audit": "audit list",
    "GET /learned-patterns": "pattern list",
    "DELETE /learned-patterns/{pattern_id}": "pattern forget",
    "GET /dead-letters": "dead-letter list",
    "POST /dead-letters:replay": "dead-letter replay",
    "GET /reference-tables/{name}": "price show",
    "PUT /reference-tables/{name}": "price refresh",
    "DELETE /reference-tables/{name}": "price withdraw",
    "GET /usage": "usage",
    "GET /clients": "client list",
    "POST /clients": "client create",
    "GET /engagements": "engagement list",
    "POST /engagements": "engagement create",
    "GET /memberships": "member list",
    "POST /memberships": "member add",
    "PATCH /memberships/{membership_id}": "member change",
    "DELETE /memberships/{membership_id}": "member remove",
    "GET /quotas": "quota show",
    "PUT /quotas/{client_id}": "quota set",
    "GET /service-accounts": "service-account list",
    "POST /service-accounts": "service-account create",
    "DELETE /service-accounts/{service_account_id}": "service-account revoke",
    "GET /analytics": "analytics",
    "GET /flows/{flow_id}/analytics": "analytics",
    "GET /events": "event follow",
    "GET /health/live": None,  # for whoever starts the process
    "GET /health/ready": "status",
    "GET /metrics": None,  # for Prometheus
}


def leaves(command: TyperCommand | TyperGroup, *path: str) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from leaves(inner, *path, name)  # type: ignore[arg-type]
    else:
        yield " ".join(path), command


COMMANDS = dict(leaves(typer.main.get_command(app)))  # type: ignore[arg-type]
VISIBLE = dict(visible())


def test_the_commands_of_the_design_are_there() -> None:
    wanted = {
        "demo", "run", "up", "token", "status", "doctor", "worker", "orchestrator", "db upgrade", "audit verify",
        "dead list", "dead replay",
        *(f"flow {name}" for name in ["list", "show", "create", "pause", "resume", "cancel", "retry", "rollback"]),
    }  # fmt: skip
    assert wanted <= set(COMMANDS)


@pytest.mark.parametrize(
    ("earlier", "now"),
    [
        ("treatments list", "treatment list"),
        ("waves check", "wave check"),
        ("prices refresh", "price refresh"),
        ("learned forget", "pattern forget"),
        ("dead replay", "dead-letter replay"),
        ("flow datasets", "dataset list"),
    ],
)
def test_a_name_of_an_earlier_version_is_the_same_command_and_no_longer_shown(earlier: str, now: str) -> None:
    assert COMMANDS[earlier].callback.__name__ == COMMANDS[now].callback.__name__  # type: ignore[union-attr]
    assert earlier not in VISIBLE


def test_every_noun_is_in_the_singular() -> None:
    nouns = {name.split()[0] for name in VISIBLE if " " in name}
    assert [noun for noun in nouns if noun.endswith("s")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_explains_itself_and_each_of_its_options(name: str) -> None:
    command = COMMANDS[name]
    assert (command.help or "").strip().endswith(".")
    unexplained = [each.name for each in command.params if not getattr(each, "help", None)]
    assert unexplained == []


@pytest.mark.parametrize("name", COMMANDS)
def test_an_option_that_takes_a_number_says_of_what(name: str) -> None:
    types = {each.name: getattr(each, "type_descriptor", None) for each in COMMANDS[name].params}
    numbers = [
        each
        for each in COMMANDS[name].params
        if getattr(types[each.name], "annotation", None) in (int, float)
    ]
    assert [each.name for each in numbers if not _UNITS.search(getattr(each, "help", ""))] == []


@pytest.mark.parametrize("name", VISIBLE)
def test_the_help_of_a_command_shows_an_example_of_it(name: str) -> None:
    shown = " ".join(
        CliRunner(env={"TERMINAL_WIDTH": "300"}).invoke(app, [*name.split(), "--help"]).stdout.split()
    )
    assert EXAMPLES[name]
    for example in EXAMPLES[name]:
        assert example in shown


@pytest.mark.parametrize(
    ("name", "example"),
    [pytest.param(name, each, id=each) for name, all_ in EXAMPLES.items() for each in all_],
)
def test_an_example_can_be_typed_and_is_of_its_command(name: str, example: str) -> None:
    words = example.partition("caravan ")[2]
    assert words.startswith(name)
    check_typed(split(words))


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - _SAY_NOTHING))
def test_a_command_that_tells_something_tells_it_as_json_too(name: str) -> None:
    assert "--json" in {option for each in COMMANDS[name].params for option in each.opts}


@pytest.mark.parametrize("name", IRREVERSIBLE)
def test_what_cannot_be_taken_back_is_not_done_unasked(name: str, tmp_path: Path) -> None:
    """Nothing listens at the address: it refuses before it asks for anything."""
    env = {"CARAVAN_URL": "http://127.0.0.1:9", "CARAVAN_TOKEN": "none", "CARAVAN_DATA_DIR": str(tmp_path)}
    done = CliRunner(env=env).invoke(app, [*name.split(), *IRREVERSIBLE[name]])
    assert done.exception is not None
    words = str(done.exception)
    assert "give --yes" in words
    assert name not in PREVIEWED or "to see what it would do" in words
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", PREVIEWED)
def test_what_it_would_do_can_be_seen_without_a_yes(name: str) -> None:
    assert "--dry-run" in {option for each in COMMANDS[name].params for option in each.opts}


def test_every_operation_of_the_gateway_has_a_command() -> None:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    operations = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert operations == set(COMMAND_OF)
    assert {command for command in COMMAND_OF.values() if command is not None} <= set(VISIBLE)
