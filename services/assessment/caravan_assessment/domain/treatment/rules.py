"""Hard rules in their order, and evidence that a unit is not used: which of them hold for which unit, and why."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from caravan_assessment.domain.portfolio.infrastructure import load_infrastructure
from caravan_assessment.domain.portfolio.schema import HARD_ORDER, MUST_TOGETHER
from caravan_assessment.domain.treatment.ruleset import Ruleset
from caravan_assessment.domain.treatment.wording import fill, join_words

_MOST_STEPS = 50


def add_findings(
    units: pl.DataFrame,
    edges: pl.DataFrame,
    rules: Ruleset,
    as_of: date,
    must_stay: Mapping[str, str],
    observed_days: int | None = None,
) -> pl.DataFrame:
    """Adds rule, rule_treatment, rule_reason, absolute, rule_confidence (null without a rule), evidence (List),
    may_retire, equal_service, stated, databases_words, retained_neighbour, unheard, unsure_rule.

    `units`: the portfolio with parameters. `must_stay`: why, by name or key in lower case. `observed_days`: over how
    long flows were observed, None unknown.
    """
    facts = units.with_columns(
        observed_days=pl.lit(observed_days, pl.Int64),
        infrastructure_words=_say_infrastructure(),
        infrastructure_becomes=_become(),
        infrastructure_basis_words=join_words("infrastructure_basis"),
        **_words(rules),
        must_stay=_configured(must_stay),
        equal_service=_equal_service(rules),
        stated=_stated(rules),
        measured_all=(pl.col("use_known") > 0) & (2 * pl.col("use_known") >= pl.col("targets")),
        blocked_share=pl.when(pl.col("targets") > 0).then(pl.col("blocked_targets") / pl.col("targets")),
    ).with_columns(
        all_zombie=pl.col("measured_all") & (pl.col("zombie") == pl.col("use_known")),
        all_idle=pl.col("measured_all") & (pl.col("zombie") + pl.col("idle") == pl.col("use_known")),
        all_off=(pl.col("targets") > 0) & (pl.col("powered_off") == pl.col("targets")),
    )
    facts = _count_living(facts, edges).with_columns(**_count_words())
    # Half of the targets seen at least: of the others nobody knows who calls them.
    seen = (pl.col("observed_targets") > 0) & (2 * pl.col("observed_targets") >= pl.col("targets"))
    long = pl.col("observed_days") >= rules.data["inbound_days"]
    facts = facts.with_columns(
        unheard=(seen & long & (pl.col("inbound") == 0) & (pl.col("living") == 0)).fill_null(False)
    )
    facts = _tie_to_retained(facts, edges, rules)
    return _apply(facts, rules, as_of)


def _words(rules: Ruleset) -> dict[str, pl.Expr]:
    managed = pl.col("database_products").list.eval(
        pl.element().str.to_lowercase().str.contains_any(rules.data["managed_databases"])
    )
    residency = pl.col("compliance").list.eval(
        pl.element().filter(pl.element().str.to_lowercase().str.contains_any(rules.words("residency")))
    )
    return {
        "blocked_words": join_words("blocked_reasons"),
        "databases_words": pl.when(managed.list.any()).then(join_words("database_products")),
        "residency": pl.when(residency.list.len() > 0).then(residency.list.join(", ")),
    }


def _count_words() -> dict[str, pl.Expr]:
    """Subject and verb by number, for sentences: "its one target is", "all 3 targets are"."""

    def say(count: str, one: str, many: str) -> pl.Expr:
        return pl.when(pl.col(count) == 1).then(pl.lit(one)).otherwise(pl.format(many, count))

    some = pl.format("{} of {} targets cannot", "blocked_targets", "targets")
    return {
        "targets_are": say("targets", "its one target is", "all {} targets are"),
        "measured_use": say("use_known", "its one measured target uses", "all {} measured targets use"),
        "living_call": say("living", "one unit that is in use calls", "{} units that are in use call"),
        "blocked_cannot": pl.when(pl.col("targets") == 1)
        .then(pl.lit("its one target cannot"))
        .otherwise(some),
    }


def _say_infrastructure() -> pl.Expr:
    words = {kind: told["say"] for kind, told in load_infrastructure()["kinds"].items()}
    return pl.col("infrastructure").replace_strict(words, default=None, return_dtype=pl.String)


def _become() -> pl.Expr:
    becomes = {kind: told["becomes"] for kind, told in load_infrastructure()["kinds"].items()}
    return pl.col("infrastructure").replace_strict(becomes, default=None, return_dtype=pl.String)


def _configured(must_stay: Mapping[str, str]) -> pl.Expr:
    if not must_stay:
        return pl.lit(None, pl.String)
    return pl.coalesce(
        pl.col(column)
        .str.strip_chars()
        .str.to_lowercase()
        .replace_strict(dict(must_stay), default=None, return_dtype=pl.String)
        for column in ("natural_key", "name")
    )


def _equal_service(rules: Ruleset) -> pl.Expr:
    """What kind of service could replace it, by whole words of its name; the longest words first."""
    words = rules.data["equal_services"]["words"]
    listed = "|".join(
        sorted((word.replace(" ", r"\s") for word in words), key=lambda word: (-len(word), word))
    )
    found = pl.col("name").str.to_lowercase().str.extract(rf"\b({listed})\b", 1)
    return found.str.replace_all(r"\s+", " ").replace_strict(words, default=None, return_dtype=pl.String)


def _stated(rules: Ruleset) -> pl.Expr:
    table = {word: option for option, words in rules.data["stated"].items() for word in words}
    wish = pl.col("stated_treatment").str.strip_chars().str.to_lowercase()
    return wish.replace_strict(table, default=None, return_dtype=pl.String)


def _count_living(facts: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Adds living: callers that are used themselves."""
    unused = facts.filter(pl.col("all_zombie") | pl.col("eliminate"))["natural_key"].implode()
    real = edges.filter(~pl.col("shared_service"), ~pl.col("source").is_in(unused))
    counted = real.group_by(natural_key="target").agg(living=pl.col("source").n_unique().cast(pl.Int64))
    return facts.join(counted, on="natural_key", how="left", maintain_order="left").with_columns(
        pl.col("living").fill_null(0)
    )


def _stays(rules: Ruleset) -> pl.Expr:
    blocked: pl.Expr = pl.col("blocked_share") >= rules.data["blocked_share"]
    return pl.any_horizontal(
        pl.col("must_stay").is_not_null(), blocked.fill_null(False), pl.col("residency").is_not_null()
    )


def _tie_to_retained(facts: pl.DataFrame, edges: pl.DataFrame, rules: Ruleset) -> pl.DataFrame:
    """Adds tied_to (the unit that must stay and with which it moves) and retained_neighbour (one it only needs)."""
    names = facts.select("natural_key", "name")
    ties = edges.filter(pl.col("kind") == MUST_TOGETHER, ~pl.col("shared_service"))
    both = pl.concat(
        [ties.select(near="source", far="target"), ties.select(near="target", far="source")]
    ).unique()
    kept = facts.filter(_stays(rules)).select(natural_key="natural_key", origin="natural_key")
    first = kept
    for _ in range(_MOST_STEPS):
        reached = both.join(kept, left_on="far", right_on="natural_key").select(
            natural_key="near", origin="origin"
        )
        grown = pl.concat([kept, reached]).sort("natural_key", "origin").unique("natural_key", keep="first")
        grown = pl.concat([first, grown]).unique("natural_key", keep="first", maintain_order=True)
        if grown.height == kept.height:
            break
        kept = grown
    tied = kept.join(first, on="natural_key", how="anti").join(
        names.rename({"natural_key": "origin", "name": "tied_to"}), on="origin"
    )
    needs = (
        edges.filter(pl.col("kind") == HARD_ORDER, ~pl.col("shared_service"))
        .join(kept.select(target="natural_key"), on="target", how="semi")
        .join(names.rename({"natural_key": "target", "name": "retained_neighbour"}), on="target")
        .group_by(natural_key="source")
        .agg(pl.col("retained_neighbour").min())
    )
    for found in (tied.select("natural_key", "tied_to"), needs):
        facts = facts.join(found, on="natural_key", how="left", maintain_order="left")
    return facts


def _conditions(rules: Ruleset, as_of: date) -> dict[str, pl.Expr]:
    recent = as_of - timedelta(days=round(30.44 * rules.data["recent_months"]))
    unheard = pl.col("dependencies_known") & (pl.col("living") == 0)
    sure = pl.col("infrastructure_sure").fill_null(False)
    return {
        "must_stay_configured": pl.col("must_stay").is_not_null(),
        "blocked": pl.col("blocked_share") >= rules.data["blocked_share"],
        "residency": pl.col("residency").is_not_null(),
        "tied_to_retained": pl.col("tied_to").is_not_null(),
        "already_a_service": pl.col("service") & (pl.col("targets") == 0),
        "landing_zone": sure & (pl.col("infrastructure_becomes") == "landing_zone"),
        "with_platform": sure & (pl.col("infrastructure_becomes") == "with_platform"),
        "landing_zone_by_name": ~sure & (pl.col("infrastructure_becomes") == "landing_zone"),
        "with_platform_by_name": ~sure & (pl.col("infrastructure_becomes") == "with_platform"),
        "recently_built": (pl.col("newest_built") >= recent)
        & (pl.col("unsupported") + pl.col("ending_12_months") == 0)
        & (pl.col("support_known") > 0),
        "zombie": pl.col("all_zombie") & unheard,
        "eliminate": pl.col("eliminate") & unheard,
    }


def _apply(facts: pl.DataFrame, rules: Ruleset, as_of: date) -> pl.DataFrame:
    holds = {code: holding.fill_null(False) for code, holding in _conditions(rules, as_of).items()}
    listed = rules.data["rules"]
    called = pl.col("living") > 0
    evidence = {
        "zombie_called": pl.col("all_zombie") & called,
        "eliminate_called": pl.col("eliminate") & called,
        "idle": pl.col("all_idle") & ~pl.col("all_zombie") & ~called & pl.col("dependencies_known"),
        "no_inbound": pl.col("unheard"),
        "powered_off": pl.col("all_off"),
    }
    said = {code: fill(text) for code, text in rules.data["unused_evidence"].items()}
    unused = [pl.when(held.fill_null(False)).then(said[code]) for code, held in evidence.items()]
    retire = pl.any_horizontal(
        *(held.fill_null(False) for held in evidence.values()), holds["zombie"], holds["eliminate"]
    )
    ending = pl.col("infrastructure_becomes") == "with_platform"
    return facts.with_columns(
        rule=_first(holds, listed, "code"),
        unsure_rule=_first(holds, listed, "code").str.ends_with("_by_name").fill_null(False),
        rule_treatment=_first(holds, listed, "treatment"),
        rule_confidence=_first(holds, listed, "confidence"),
        absolute=_first(holds, listed, "absolute").fill_null(False),
        rule_reason=pl.coalesce(pl.when(holds[rule["code"]]).then(fill(rule["because"])) for rule in listed),
        # Whether infrastructure idles, or who calls it, says nothing for or against what becomes of it.
        evidence=pl.when(pl.col("infrastructure").is_null())
        .then(pl.concat_list(unused).list.drop_nulls())
        .otherwise([]),
        # All zombies may be retired, also where nobody looked for callers: then somebody has to confirm it.
        may_retire=retire | pl.col("all_zombie") | pl.col("eliminate") | ending.fill_null(False),
    )


def _first(holds: Mapping[str, pl.Expr], listed: list[dict[str, object]], field: str) -> pl.Expr:
    """That field of the first rule that holds."""
    return pl.coalesce(pl.when(holds[str(rule["code"])]).then(pl.lit(rule[field])) for rule in listed)
