"""What a choice by score hangs on: which known parameter, one point higher or lower, would make it another treatment.

Parameters are steps (criticality high is 8, medium 5), so a point is the least error that each may have. A choice that
no single point changes is clear, however small its margin; one that a point changes is a close call.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from caravan_assessment.domain.treatment.ruleset import Ruleset

_NOISE = 1e-6
_Floats = NDArray[np.float64]


def list_hinges(units: pl.DataFrame, rules: Ruleset) -> pl.Series:
    """Sentences (List) of each unit: "one point more of complexity would make it replatform".

    `units`: recommended, assumed, the parameters, score_ and why_not_ of each option. What is assumed is no hinge: it
    is unknown by more than a point, which the confidence tells.
    """
    options = np.array(rules.options)
    scores = units.select(f"score_{option}" for option in options).to_numpy().astype(np.float64)
    closed = units.select(pl.col(f"why_not_{option}").is_not_null() for option in options).to_numpy()
    scores = np.where(closed, -np.inf, scores)
    chosen = units["recommended"].to_numpy()
    said: list[list[str]] = [[] for _ in range(units.height)]
    for parameter in rules.parameters:
        known = ~units["assumed"].list.contains(parameter).fill_null(False).to_numpy()
        values = units[parameter].to_numpy().astype(np.float64)
        for shift, word in ((-1, "less"), (1, "more")):
            moved = scores + np.stack(list(_changes(rules, parameter, values, shift)), axis=1)
            best = moved.max(axis=1, initial=-np.inf, keepdims=True)
            winner = options[(moved >= best - _NOISE).argmax(axis=1)]
            told = f"one point {word} of {rules.data['words'][parameter]} would make it"
            for row in np.flatnonzero(known & (winner != chosen)):
                said[row].append(f"{told} {winner[row]}")
    return pl.Series("hinges", said, dtype=pl.List(pl.String))


def _changes(rules: Ruleset, parameter: str, values: _Floats, shift: int) -> Iterator[_Floats]:
    """What each option's score gains, in the rules' order of options."""
    spans = {span.option: span for span in rules.spans() if span.parameter == parameter}
    per_point = float(rules.data["per_point_outside"])

    def fit(at: _Floats, lowest: float, highest: float) -> _Floats:
        outside = np.maximum(np.maximum(lowest - at, at - highest), 0.0)
        return np.clip(1 - per_point * outside, 0, 1)

    for option in rules.options:
        span = spans[option]
        there = np.clip(values + shift, 1, 10)
        yield span.weight * (fit(there, span.lowest, span.highest) - fit(values, span.lowest, span.highest))
