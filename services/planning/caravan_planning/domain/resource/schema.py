"""Columns of what the resource phase writes."""

import polars as pl

RESOURCES = pl.Schema(
    {
        "natural_key": pl.String(),
        "team": pl.String(),
        "week": pl.String(),
        "starts": pl.Date(),
        "skills": pl.List(pl.String()),
        "people": pl.Int64(),
        "working_days": pl.Int64(),
        "capacity_days": pl.Float64(),
        "effort_days": pl.Float64(),
        "peak_people": pl.Int64(),
        "utilisation": pl.Float64(),
        "overloaded": pl.Boolean(),
        "applications": pl.Int64(),
        "day_rate": pl.Float64(),
        "cost": pl.Float64(),
        "currency": pl.String(),
        "assumed": pl.Boolean(),
        "source_entities": pl.List(pl.String()),
    }
)
RESOURCE_NOTES = {
    "natural_key": "team@week",
    "team": "team",
    "week": "ISO week, such as 2027-W03",
    "starts": "its Monday",
    "skills": "skills of the team",
    "people": "people in the team",
    "working_days": "days of the week on which the team works",
    "capacity_days": "people times working days",
    "effort_days": "work planned for the team in this week",
    "peak_people": "most people at work on one day",
    "utilisation": "effort over capacity; null where nobody works",
    "overloaded": "whether on some day more people are planned than are there",
    "applications": "applications it works for",
    "day_rate": "cost of one person for one day; null: unknown",
    "cost": "effort times day rate; null: unknown",
    "currency": "of day_rate and cost",
    "assumed": "whether the team is one of the defaults because none is configured",
    "source_entities": "tasks it was made from, at most 20",
}
RESOURCE_UNITS = {
    "people": "people",
    "working_days": "days",
    "capacity_days": "person-days",
    "effort_days": "person-days",
    "peak_people": "people",
    "utilisation": "fraction",
    "applications": "applications",
    "day_rate": "currency a day",
    "cost": "currency",
}
RESOURCE_GAPS = pl.Schema(
    {
        "natural_key": pl.String(),
        "kind": pl.String(),
        "team": pl.String(),
        "skill": pl.String(),
        "wave": pl.Int64(),
        "week": pl.String(),
        "missing_days": pl.Float64(),
        "message": pl.String(),
        "source_entities": pl.List(pl.String()),
    }
)
RESOURCE_GAP_NOTES = {
    "natural_key": "kind:team, skill or wave, and @week for an overload",
    "kind": "overload, missing_skill, late_wave, unknown_rate, idle_team or assumed_team",
    "team": "team concerned",
    "skill": "skill that no team has",
    "wave": "wave whose cutovers are late",
    "week": "ISO week, such as 2027-W03",
    "missing_days": "person-days that are not there; null where it is not about days",
    "message": "the gap in a sentence, and what would help",
    "source_entities": "tasks concerned, at most 20",
}
RESOURCE_GAP_UNITS = {"missing_days": "person-days"}
