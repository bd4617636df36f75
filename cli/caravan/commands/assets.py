"""`caravan asset`: what the estate consists of, and what people say of it against the files."""

import json as json_
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caravan.commands.asset_names import asset_id
from caravan.commands.gateway import (
    Limit,
    Row,
    Where,
    ask,
    asked_for,
    below,
    decided,
    filled,
    full_id,
    show,
    show_some,
)
from caravan.commands.options import DataDir, DryRun, Json, Token, Url, Yes
from caravan.consent import ask_first, needs_yes
from caravan.failures import BadInput
from caravan.output import cleaned, err, in_numbers, out, print_json, print_table

if TYPE_CHECKING:
    from caravan.api import Api

app = typer.Typer(help="What the estate consists of, and correcting it.", no_args_is_help=True)
_COLUMNS = ("id", "name", "asset_type", "environment", "operating_system", "treatment", "wave")

Estate = Annotated[
    str | None, typer.Option(help="Id or beginning of its root flow; the current estate when absent.")
]
Type = Annotated[list[str] | None, typer.Option("--type", help="Only of this type: server, application …")]
Environment = Annotated[list[str] | None, typer.Option(help="Only of this environment; several.")]
OperatingSystem = Annotated[
    list[str] | None, typer.Option(help="Only with this operating system, as it is counted; several.")
]
Criticality = Annotated[
    list[str] | None, typer.Option("--business-criticality", help="Only as critical as this; several.")
]
Location = Annotated[list[str] | None, typer.Option(help="Only at this location; several.")]
Treatment = Annotated[list[str] | None, typer.Option(help="Only with this treatment; several.")]
Wave = Annotated[list[str] | None, typer.Option(help="Only of this wave, as wave-003; several.")]
TargetType = Annotated[list[str] | None, typer.Option(help="Only with this type of target; several.")]
IsTarget = Annotated[
    bool | None, typer.Option("--migrating/--staying", help="Only migration targets, or only what is none.")
]
Reasons = Annotated[
    list[str] | None,
    typer.Option("--not-target-reason", help="Only what is no target for this reason; several."),
]
Search = Annotated[str | None, typer.Option("--search", help="Beginnings of words of the name.")]
Sort = Annotated[
    str | None,
    typer.Option(
        metavar="ATTRIBUTE",
        help="Order by it, with a minus for the largest first (--sort=-memory_gb); by name when absent. Unknown last.",
    ),
]
Values = Annotated[
    list[str],
    typer.Argument(
        metavar="ATTRIBUTE=VALUE…",
        help="A number may have its unit (memory_gb='16 GB'); several values as a,b; nothing for unknown.",
    ),
]
Reason = Annotated[str, typer.Option(help="Kept with the decision.")]


@app.command("list")
def list_(
    type_: Type = None,
    environment: Environment = None,
    operating_system: OperatingSystem = None,
    business_criticality: Criticality = None,
    location: Location = None,
    treatment: Treatment = None,
    wave: Wave = None,
    target_type: TargetType = None,
    is_target: IsTarget = None,
    not_target_reason: Reasons = None,
    q: Search = None,
    sort: Sort = None,
    estate: Estate = None,
    column: Annotated[
        list[str] | None, typer.Option(help="Attribute to show, in this order; several.")
    ] = None,
    limit: Limit = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List assets of the current estate; sizes are in GiB, use in percent."""
    # What the order goes by is shown too.
    by = (sort or "name").removeprefix("-")
    columns = tuple(column or dict.fromkeys((*_COLUMNS, by)))
    wanted = Row(
        asset_type=type_,
        environment=environment,
        operating_system=operating_system,
        business_criticality=business_criticality,
        location=location,
        treatment=treatment,
        wave=wave,
        target_type=target_type,
        is_target=is_target,
        not_target_reason=not_target_reason,
        q=q,
    )
    fields = ",".join(columns) if column or not json else None
    most = asked_for(limit, json=json)

    async def listed(api: "Api") -> list[Row]:
        query = {**wanted, "estate": await _estate(api, estate), "sort": sort, "fields": fields}
        return [row async for row in api.pages("/assets", most=most, **query)]

    rows = ask((url, token, data_dir), listed)
    none = "No asset fits; without options all of the current estate are listed (`caravan estate list`)."
    show_some(rows, columns, limit, json=json, none=none, cells=lambda row: filled(row, columns))


@app.command("show")
def show_(
    asset: Annotated[str, typer.Argument(help="Its id, or its name where only one has it.")],
    estate: Estate = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show all that is known of an asset; sizes are in GiB, use in percent."""

    async def read(api: "Api") -> Row:
        found: Row = await api.get(f"/assets/{await asset_id(api, asset, await _estate(api, estate))}")
        return found

    found = ask((url, token, data_dir), read)
    if json:
        print_json(found)
        return
    known = [(name, *filled(found, [name])) for name in found if found[name] not in (None, [], {}, "")]
    print_table(("attribute", "value"), known)
    out.print(cleaned(f"Where a value comes from: caravan lineage {found['id']} ATTRIBUTE"), markup=False)


@app.command()
def count(
    type_: Type = None,
    environment: Environment = None,
    operating_system: OperatingSystem = None,
    business_criticality: Criticality = None,
    location: Location = None,
    treatment: Treatment = None,
    wave: Wave = None,
    target_type: TargetType = None,
    is_target: IsTarget = None,
    not_target_reason: Reasons = None,
    q: Search = None,
    estate: Estate = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Count assets by type, environment, operating system, location, treatment, wave and others."""
    wanted = Row(
        asset_type=type_,
        environment=environment,
        operating_system=operating_system,
        business_criticality=business_criticality,
        location=location,
        treatment=treatment,
        wave=wave,
        target_type=target_type,
        is_target=is_target,
        not_target_reason=not_target_reason,
        q=q,
    )

    async def counted(api: "Api") -> Row:
        found: Row = await api.get("/assets:facets", **wanted, estate=await _estate(api, estate))
        return found

    found = ask((url, token, data_dir), counted)
    if json:
        print_json(found)
        return
    rows = [
        (name if position == 0 else "", "unknown" if each["value"] is None else each["value"], each["count"])
        for name, values in found["facets"].items()
        for position, each in enumerate(values)
    ]
    if rows:
        print_table(("attribute", "value", "assets"), rows)
    else:
        out.print("There is no asset yet; start a discovery with `caravan flow create FILES…`.")


@app.command("set")
def set_(
    asset: Annotated[str, typer.Argument(help="Its id, or its name where only one has it.")],
    values: Values,
    reason: Reason,
    estate: Estate = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Correct attributes of an asset: what a person says stands above what files say."""
    body = {"set": read_values(values), "reason": reason}

    async def corrected(api: "Api") -> Row:
        id_ = await asset_id(api, asset, await _estate(api, estate))
        answer: Row = await api.patch(f"/assets/{id_}", body)
        return answer

    answer = ask((url, token, data_dir), corrected)
    numbers = ", ".join(str(each["number"]) for each in answer["decisions"])
    words = f"Decision {numbers} is recorded; `caravan flow refresh` takes it in where `caravan flow show` says stale."
    show(answer, words if numbers else "It is so already; nothing was changed.", json=json)


@app.command("set-many")
def set_many(
    values: Values,
    reason: Reason,
    type_: Type = None,
    environment: Environment = None,
    operating_system: OperatingSystem = None,
    business_criticality: Criticality = None,
    location: Location = None,
    treatment: Treatment = None,
    wave: Wave = None,
    target_type: TargetType = None,
    is_target: IsTarget = None,
    not_target_reason: Reasons = None,
    q: Search = None,
    estate: Estate = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Correct attributes of all assets that the options choose: shown first, then done as it was shown."""
    chosen = Row(
        asset_type=type_,
        environment=environment,
        operating_system=operating_system,
        business_criticality=business_criticality,
        location=location,
        treatment=treatment,
        wave=wave,
        target_type=target_type,
        is_target=is_target,
        not_target_reason=not_target_reason,
        q=q,
    )
    if not below(chosen):
        raise BadInput(
            "Choose the assets, by --type, --environment, --location, --search or another option (--help)."
        )
    if not dry_run:
        needs_yes("A correction of many assets", yes=yes, preview="--dry-run")
    where = (url, token, data_dir)
    body = {"set": read_values(values), "reason": reason, "filter": below(chosen)}
    planned = _batch(where, {**body, "preview": True}, estate)
    if dry_run:
        _show_batch(planned, json=json)
        return
    if not yes:
        _show_batch(planned, json=False, quietly=json)
    ask_first(f"Set them on {in_numbers(planned['count'], 'asset')}?", yes=yes)
    done = _batch(where, {**body, "digest": planned["digest"]}, estate)
    stale = sorted({name for each in done["decisions"] for name in each["stale"]})
    numbers = done["decisions"][0]["last"] if done["decisions"] else 0
    words = f"{in_numbers(done['count'], 'asset is', 'assets are')} corrected. {decided(numbers, stale)}"
    show(done, words, json=json)


def read_values(given: Sequence[str]) -> dict[str, Any]:
    """By attribute, in its type as far as a command line can tell it; the gateway checks them. Raises BadInput."""
    from caravan_common.contracts.attributes import BY_NAME

    found: dict[str, Any] = {}
    for each in given:
        name, mark, text = each.partition("=")
        if not mark or not name:
            raise BadInput(f"Write it as ATTRIBUTE=VALUE, not {each!r}.")
        dtype = "Boolean" if name == "is_target" else BY_NAME[name].dtype if name in BY_NAME else "String"
        found[name] = _typed(name, text.strip(), dtype)
    return found


def _typed(name: str, text: str, dtype: str) -> Any:
    if not text:
        return None
    if dtype == "List(String)":
        return [part.strip() for part in text.split(",") if part.strip()]
    if dtype == "Boolean":
        known = {"true": True, "yes": True, "false": False, "no": False}
        if text.casefold() not in known:
            raise BadInput(f"{name} is yes or no, not {text!r}.")
        return known[text.casefold()]
    if dtype in ("Float64", "Int64"):
        try:
            return json_.loads(text)
        except ValueError:
            return text  # with its unit
    return text


async def _estate(api: "Api", estate: str | None) -> str | None:
    return None if estate is None else await full_id(api, estate)


def _batch(where: Where, body: Mapping[str, Any], estate: str | None) -> Row:
    async def sent(api: "Api") -> Row:
        answer: Row = await api.post("/assets:batch", below({**body, "estate": await _estate(api, estate)}))
        return answer

    return ask(where, sent)


def _show_batch(planned: Row, *, json: bool, quietly: bool = False) -> None:
    if json:
        print_json(planned)
        return
    on = err if quietly else out
    rows = [
        (row["name"] or row["natural_key"], name, *filled(change, ["old", "new"]))
        for row in planned["sample"]
        for name, change in row["changes"].items()
    ]
    if rows:
        print_table(("asset", "attribute", "now", "then"), rows, on=on)
    more = planned["count"] - len(planned["sample"])
    left = f", {more:,} of them not shown" if more > 0 else ""
    on.print(
        f"{in_numbers(planned['count'], 'asset')} would change{left}; {planned['unchanged']:,} have it already."
    )
