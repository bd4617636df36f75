"""Which machine each server becomes, where it lands, and what that costs: three ways, three providers, today's cost."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl

from caravan_common.contracts import DecisionKind, PhaseError
from caravan_common.phases import PhaseContext, PhaseResult, judging, read_as_of
from caravan_planning.crews.target import cases
from caravan_planning.domain.failures import ConfigurationIsInvalid, PriceListIsInvalid
from caravan_planning.domain.target import choosing
from caravan_planning.domain.target.contested import find_contested
from caravan_planning.domain.target.costs import sum_costs, summarise_costs
from caravan_planning.domain.target.estate import build_estate, list_hosted
from caravan_planning.domain.target.flags import add_flags
from caravan_planning.domain.target.needs import add_needs, may_burst, read_sold_as, read_system
from caravan_planning.domain.target.prices import TABLE_NAME, PriceList, load_prices
from caravan_planning.domain.target.settings import CHEAPEST, PROVIDERS, Settings, read_settings
from caravan_planning.domain.target.tables import fold_targets, shape_costs, shape_targets
from caravan_planning.domain.target.ways import Market, open_markets, price_ways
from caravan_planning.domain.target.work import price_efforts, price_tasks
from caravan_planning.domain.target.zones import load_zones, place
from caravan_planning.reading import (
    Columns,
    read_columns,
    read_members,
    read_units,
    scan_assets,
)

_TASKS: Columns = {"application": pl.String, "team": pl.String, "effort_days": pl.Float64}
_RATES: Columns = {"team": pl.String, "day_rate": pl.Float64, "currency": pl.String}


def run(context: PhaseContext) -> PhaseResult:
    """What moves, what is known of it, prices, tasks → targets, costs, asset_targets, target_judgements.

    `configuration["target"]` holds the settings, `as_of` the day by which a price is old.
    """
    settings, prices = _read_settings(context), _load_prices(context)
    estate, units = _read_estate(context, settings, prices)
    context.progress(0.3, "needs known")
    markets = open_markets(prices, settings)
    priced = {name: price_ways(estate, markets[name], settings) for name in PROVIDERS}
    compared = choosing.compare_providers(priced, settings)
    provider, heard = _choose_provider(context, compared, settings)
    context.progress(0.6, f"priced at {len(priced)} providers")
    wide, settled = _choose_ways(context, estate, priced, markets, provider, prices, settings)
    flagged = add_flags(wide, markets[provider], settings)
    targets = shape_targets(flagged, settings)
    costs = shape_costs(sum_costs(targets, _read_work(context, units, settings), units, settings))
    every = [*heard, *settled.settled]
    return PhaseResult(
        datasets={
            "targets": targets,
            "costs": costs,
            "asset_targets": fold_targets(targets),
            "target_judgements": judging.list_judgements(cases.CREW, every),
        },
        summary={
            "cost": summarise_costs(costs, targets, settings),
            "targets": _summarise(targets, provider, compared, settings, prices)
            | _say_chooser(heard, settings)
            | {"provider_because": choosing.explain_provider(compared, provider)},
            "judged_target": judging.summarise(cases.CREW, every, settled.not_asked),
        },
        questions=judging.ask_where_unsure(every, judging.MOST_QUESTIONS),
        decided_by=judging.count_deciders(every, max(0, targets.height - len(settled.settled))),
    )


def _read_settings(context: PhaseContext) -> Settings:
    try:
        return read_settings(context.configuration.get("target"), read_as_of(context.configuration))
    except ConfigurationIsInvalid as error:
        raise PhaseError("target_settings_invalid", str(error)) from None


def _load_prices(context: PhaseContext) -> PriceList:
    """The price list in force for the client over what is shipped."""
    in_force = context.inputs.get(TABLE_NAME)
    try:
        return load_prices(None if in_force is None else in_force.read())
    except PriceListIsInvalid as error:
        raise PhaseError("price_list_invalid", str(error)) from None


def _read_estate(
    context: PhaseContext, settings: Settings, prices: PriceList
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The machines in scope with their needs, and their applications."""
    inside = read_members(context)
    units = read_units(context, inside)
    machines = inside.members.filter(pl.col("role") == "target").select("application", "asset_key")
    scope = (
        machines.unique("asset_key", keep="first")
        .join(units, on="application", how="left")
        .drop("decided_by")
    )
    assets = scan_assets(context)
    edges = context.inputs["dependencies"].scan() if "dependencies" in context.inputs else None
    estate = build_estate(assets, scope, list_hosted(assets, edges), prices.engines)
    zones = load_zones()
    placed = add_needs(estate, settings).with_columns(
        place(zones), read_system().alias("system"), read_sold_as(settings).alias("sold_as")
    )
    return placed.with_columns(may_burst=may_burst(settings, zones.production)), units


def _read_work(context: PhaseContext, units: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """By the planned tasks where there are any, else by the effort of the waves."""
    tasks = read_columns(context, "tasks", _TASKS)
    if tasks.is_empty():
        return price_efforts(units, settings)
    return price_tasks(tasks, read_columns(context, "resources", _RATES), settings)


def _choose_provider(
    context: PhaseContext, compared: list[choosing.Comparison], settings: Settings
) -> tuple[str, list[judging.Settled]]:
    contests = cases.make_provider_contest(compared, settings)
    decided = context.decided(DecisionKind.ANSWER, DecisionKind.OVERRIDE)
    settled = judging.settle(context.judge, cases.CREW, contests, decided) if contests else []
    return (settled[0].option if settled else choosing.recommend_provider(compared, settings)), settled


def _choose_ways(
    context: PhaseContext,
    estate: pl.DataFrame,
    priced: choosing.Priced,
    markets: Mapping[str, Market],
    provider: str,
    prices: PriceList,
    settings: Settings,
) -> tuple[pl.DataFrame, judging.Heard]:
    """Every machine with its way by the rules, then with what crew and people chose for the contested ones."""
    by_rule = choosing.add_way(estate, cases.SETTLED.to_frame())
    wide = choosing.lay_side_by_side(by_rule, priced, markets, provider)
    contested = find_contested(wide, prices.licence_bound, settings.contested_percent)
    decided = context.decided(DecisionKind.ANSWER, DecisionKind.OVERRIDE)
    picked, unheard = judging.pick_cases(contested, decided)
    settled = (
        judging.settle(context.judge, cases.CREW, cases.make_contests(picked), decided)
        if picked.height
        else []
    )
    chosen = choosing.add_way(estate, cases.read_settled(settled))
    heard = judging.Heard(cases.CREW, settled, unheard)
    return choosing.lay_side_by_side(chosen, priced, markets, provider), heard


def _say_chooser(heard: list[judging.Settled], settings: Settings) -> dict[str, str]:
    """By what the provider was chosen: the configuration, a crew or a person who was asked, else the lowest price."""
    if settings.provider != CHEAPEST:
        return {"provider_chosen_by": "configuration"}
    asked = heard[0].judgement.decided_by.value if heard else "rule"
    return {"provider_chosen_by": "cheapest" if asked == "rule" else asked}


def _summarise(
    targets: pl.DataFrame,
    provider: str,
    compared: list[choosing.Comparison],
    settings: Settings,
    prices: PriceList,
) -> dict[str, Any]:
    flags = Counter(flag for row in targets["flags"].to_list() for flag in row)
    ways = targets.group_by("way").len().sort("way")
    return {
        "targets": targets.height,
        "ways": dict(ways.iter_rows()),
        "flags": dict(sorted(flags.items())),
        "provider": provider,
        "geography": settings.geography,
        "providers": {
            each.provider: {
                "right_sized": each.month,
                "machines": each.machines,
                "oldest_price": each.oldest,
                "old_share": each.old_share,
            }
            for each in compared
        },
        "own_prices": prices.own_entries,
    }
