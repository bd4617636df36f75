"""Work by week and team, against what all teams have."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

WIDTH, HEIGHT = 1000, 180
# As many as can be told apart; the teams with the least work share the last.
MOST_TEAMS = 5
_NEEDED = {"team", "starts", "effort_days", "capacity_days"}
_MOST_LABELS = 16
OTHERS = "all other teams"


@dataclass(frozen=True)
class Piece:
    """`figure` and `value` (person-days): as a `Figure` has them, for whoever counts again."""

    tone: int
    y: float
    height: float
    title: str
    figure: str
    value: float


@dataclass(frozen=True)
class Bar:
    """A week: what each team does, from below, and what all of them could, as a line at `capacity_y`."""

    x: float
    width: float
    label: str
    capacity_y: float
    pieces: Sequence[Piece]
    week: str
    capacity: float


@dataclass(frozen=True)
class Histogram:
    """`teams` in the order of their tones, from 1."""

    bars: Sequence[Bar] = ()
    teams: Sequence[str] = ()
    highest: float = 0.0

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Tone and team."""
        return [(f"team-{tone}", team) for tone, team in enumerate(self.teams, 1)]


def draw_histogram(resources: pl.DataFrame) -> Histogram:
    """`resources`: team, starts (Monday), effort_days and capacity_days (person-days), a row a team and week."""
    if not set(resources.columns) >= _NEEDED:
        return Histogram()
    rows = resources.drop_nulls("starts").with_columns(pl.col("team").fill_null("no team"))
    if rows.is_empty() or not rows["effort_days"].sum():
        return Histogram()
    ranked = (
        rows.group_by("team")
        .agg(pl.col("effort_days").sum())
        .sort(["effort_days", "team"], descending=[True, False])
    )
    named = ranked["team"].to_list()
    teams = named if len(named) <= MOST_TEAMS else [*named[: MOST_TEAMS - 1], OTHERS]
    shown = rows.with_columns(
        team=pl.when(pl.col("team").is_in(teams)).then("team").otherwise(pl.lit(OTHERS))
    )
    weeks = (
        shown.group_by("starts")
        .agg(capacity=pl.col("capacity_days").sum(), effort=pl.col("effort_days").sum())
        .sort("starts")
    )
    highest = max(float(weeks["capacity"].max() or 0), float(weeks["effort"].max() or 0))  # type: ignore[arg-type]
    work = {
        (starts, team): effort
        for starts, team, effort in shown.group_by("starts", "team")
        .agg(pl.col("effort_days").sum())
        .iter_rows()
    }
    pitch = WIDTH / weeks.height
    every = -(-weeks.height // _MOST_LABELS)
    bars = []
    for number, (starts, capacity, _) in enumerate(weeks.iter_rows()):
        amounts = [(team, float(work.get((starts, team)) or 0.0)) for team in teams]
        bars.append(
            Bar(
                x=round(number * pitch + 1, 1),
                width=round(max(pitch - 2, 1.0), 1),
                label=f"{starts:%G-W%V}" if number % every == 0 else "",
                capacity_y=round(HEIGHT - HEIGHT * float(capacity or 0) / highest, 1),
                pieces=_stack(f"{starts:%G-W%V}", amounts, highest),
                week=f"{starts:%G-W%V}",
                capacity=float(capacity or 0),
            )
        )
    return Histogram(bars, teams, highest)


def _stack(week: str, amounts: Sequence[tuple[str, float]], highest: float) -> list[Piece]:
    pieces, top = [], float(HEIGHT)
    for tone, (team, amount) in enumerate(amounts, 1):
        if amount:
            height = HEIGHT * amount / highest
            top -= height
            title = f"{week}, {team}: {amount:,.1f} person-days"
            figure = f"teams/effort/{week}/{team}"
            pieces.append(Piece(tone, round(top, 1), round(height, 1), title, figure, amount))
    return pieces
