"""The assessment's part of the report: its pictures show what the frames hold, and nothing of a file runs in it."""

import re
from datetime import date, timedelta

import polars as pl
import pytest

from caravan_assessment.domain.report import draw_distribution, draw_gantt, draw_wave_graph, make_part
from caravan_common.reporting import ReportModel, render_page

START = date(2027, 1, 4)


def waves(count: int, in_waves: int = 3) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "natural_key": [f"app:{n:03}" for n in range(count)],
            "name": [f"Application <{n}>" for n in range(count)],
            "wave": [n % in_waves + 1 for n in range(count)],
        }
    )


def edges(*pairs: tuple[int, int, str]) -> pl.DataFrame:
    rows = [
        {"source": f"app:{a:03}", "target": f"app:{b:03}", "kind": kind, "shared_service": False}
        for a, b, kind in pairs
    ]
    return pl.DataFrame(
        rows,
        schema={"source": pl.String, "target": pl.String, "kind": pl.String, "shared_service": pl.Boolean},
    )


def calendar(count: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "wave": list(range(1, count + 1)),
            "starts": [START + timedelta(days=14 * n) for n in range(count)],
            "ends": [START + timedelta(days=14 * n + 13) for n in range(count)],
            "blackout": [n == 1 for n in range(count)],
            "effort": [10.0 * n for n in range(count)],
            "capacity_effort": [40.0] * count,
        }
    )


def treatments() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "natural_key": ["app:000", "app:001", "app:002"],
            "name": ["Till", "<script>alert(1)</script>", "password: Kaimauer-2019!"],
            "treatment": ["rehost", "rehost", "retire"],
            "targets": [3, 1, 2],
            "contested": [False, True, True],
            "margin": [0.3, 0.01, 0.02],
            "decided_by": ["rule", "crew", "person"],
            "reasons": [["small"], ["two servers"], ["idle"]],
            "contested_because": [[], ["one point more of complexity would make it retain"], []],
        }
    )


def page(**frames: pl.DataFrame) -> str:
    summaries = {
        "treatments": {"counts": {"rehost": 2, "retire": 1}, "contested": 2, "overridden": 1,
                       "contested_by": {"close": 1, "rule": 0, "unused": 1}},
        "waves": {
            "count": 3, "units": 3, "unplaceable": [{"application": "Big", "reason": "larger than any wave"}],
            "load": [{"wave": 1, "effort": 12.0, "capacity": 40.0}], "violations": {"capacity": 0},
        },
    }  # fmt: skip
    return render_page("Estate", START, [make_part(ReportModel(START, summaries, frames))])


def test_every_unit_is_drawn_in_the_band_of_its_wave() -> None:
    graph = draw_wave_graph(waves(9), edges((0, 3, "soft"), (0, 1, "hard_order"), (1, 0, "soft")))

    assert len(graph.boxes) == 9
    assert [row.text for row in graph.rows] == ["wave 1", "wave 2", "wave 3"]
    assert (graph.units, graph.edges, graph.cut) == (9, 3, 2)
    assert [line.across for line in graph.lines if line.hard] == [True]
    for box in graph.boxes:
        number = int(re.findall(r"\d+", box.title)[0])
        band = graph.rows[number % 3]
        assert band.y <= box.y <= band.y + band.height


def test_too_many_units_become_a_box_a_wave_with_the_same_figures() -> None:
    pairs = [(n, n + 1, "soft") for n in range(299)]
    graph = draw_wave_graph(waves(300, 4), edges(*pairs))

    assert graph.by_wave
    assert [box.text for box in graph.boxes] == ["75 units"] * 4
    assert (graph.units, graph.edges, graph.cut) == (300, 299, 299)


def test_an_arc_between_waves_is_the_thicker_the_more_it_stands_for() -> None:
    pairs = [(n, n + 1, "soft") for n in range(299)] + [(0, 2, "must_order")]
    lines = {line.title: line for line in draw_wave_graph(waves(300, 4), edges(*pairs)).lines}

    assert lines["wave 1 needs wave 2 75 times"].width == 9.0
    assert lines["wave 1 needs wave 3 1 time"].hard
    assert (lines["wave 1 needs wave 3 1 time"].width or 0) < 2


def test_a_unit_bears_the_tone_of_its_treatment() -> None:
    placed = waves(3).with_columns(treatment=pl.Series(["rehost", "retire", "rehost"]))
    graph = draw_wave_graph(placed, edges())

    assert graph.legend == [("team-1", "rehost"), ("team-2", "retire")]
    assert [(box.tone, box.title) for box in graph.boxes] == [
        (1, "Application <0>: rehost"),
        (2, "Application <1>: retire"),
        (1, "Application <2>: rehost"),
    ]


def test_shared_services_are_not_drawn_as_dependencies() -> None:
    noise = edges((0, 1, "soft")).with_columns(shared_service=pl.lit(value=True))

    assert draw_wave_graph(waves(2), noise).edges == 0


def test_the_calendar_has_a_bar_a_wave_as_full_as_its_load() -> None:
    gantt = draw_gantt(calendar(3), pl.DataFrame())

    assert [bar.label for bar in gantt.bars] == ["wave 1", "wave 2", "wave 3"]
    assert [bar.closed for bar in gantt.bars] == [False, True, False]
    assert gantt.bars[2].filled == pytest.approx(gantt.bars[2].width / 2, abs=0.1)
    assert all(left.x < right.x for left, right in zip(gantt.bars, gantt.bars[1:], strict=False))


def test_the_most_frequent_treatment_has_the_longest_bar_and_the_others_their_part_of_it() -> None:
    bars = draw_distribution(treatments()).bars

    assert [(bar.treatment, bar.units) for bar in bars] == [("rehost", 2), ("retire", 1)]
    assert bars[1].width == pytest.approx(bars[0].width / 2, abs=0.1)
    text = page(treatments=treatments())
    assert "Applications and groups by treatment: rehost: 2 of 3; retire: 1 of 3</title>" in text
    assert 'data-figure="treatments/bar/rehost" data-value="2"' in text


def test_the_page_shows_treatments_close_calls_and_what_fits_nowhere() -> None:
    text = page(treatments=treatments(), waves=waves(9), plan_calendar=calendar(3))

    assert '<data data-figure="treatments/rehost" value="2">2</data>' in text
    assert '<data data-figure="treatments/targets/rehost" value="4">4</data>' in text
    assert "2 rehost, 1 retire" in text
    assert "larger than any wave" in text
    assert "2 are contested (1 close by score, 1 perhaps unused); people decided 1." in text
    assert "one point more of complexity would make it retain" in text


def test_text_out_of_files_neither_runs_nor_gives_secrets_away() -> None:
    text = page(treatments=treatments(), waves=waves(4))

    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "Kaimauer" not in text
    assert not re.search(r"\bsrc=|@import|https?:", text)


def test_an_assessment_without_results_makes_a_page_all_the_same() -> None:
    assert "Nothing has a wave." in render_page("Nothing", START, [make_part(ReportModel(START))])


def test_the_page_says_what_moves_when_and_which_wave_a_risk_is_about() -> None:
    dated = waves(24).with_columns(
        targets=pl.when(pl.col("natural_key") == "app:021").then(9).otherwise(1),
        starts=pl.lit(START),
        ends=pl.lit(START + timedelta(days=13)),
    )
    risks = pl.DataFrame(
        {
            "natural_key": ["risk:a", "risk:b", "risk:c"],
            "kind": ["risk"] * 3,
            "name": ["Little is known", "Wave without room", "Wave without room"],
            "wave": [1, 2, 3],
            "severity": ["low", "high", "high"],
            "starts": [START] * 3,
            "detail": ["of 3 units", "97 % is taken", "98 % is taken"],
        }
    )
    text = page(waves=dated, roadmap=risks, plan_calendar=calendar(3))

    moved = "Application &lt;21&gt;, " + ", ".join(f"Application &lt;{n}&gt;" for n in (0, 3, 6, 9, 12))
    assert (
        f'<td class="fixed">2027-01-04</td><td class="fixed">2027-01-17</td><td>{moved} and 2 more</td>'
        in text
    )
    low, high = text.index("<td>1</td><td>low</td>"), text.index("<td>2, 3</td><td>high</td>")
    assert high < low
    assert "<td>97 % is taken; 98 % is taken</td>" in text


def test_the_page_lists_applications_by_importance_with_what_speaks_for_and_against() -> None:
    treatments = pl.DataFrame(
        {
            "natural_key": ["a", "b", "c"], "kind": ["application", "application", "unassigned"],
            "name": ["Small", "Large", "host-1"], "treatment": ["rehost", "replatform", "rehost"],
            "variant": [None, "managed_database", None], "priority": [2.0, 8.0, 9.0], "targets": [1, 12, 1],
            "reasons": [["rehost because <b>"], ["replatform because one", "two", "three"], ["x"]],
            "against": [["not retain because y"], ["not rehost because z"], []],
        }
    )  # fmt: skip
    text = page(
        treatments=treatments, waves=pl.DataFrame({"natural_key": ["b"], "wave": [4], "name": ["Large"]})
    )

    assert text.index('<th scope="row">Large</th>') < text.index('<th scope="row">Small</th>')
    assert (
        '<td>replatform (managed database)</td><td>wave 4</td><td class="number">12</td>'
        "<td>replatform because one; two</td><td>not rehost because z</td>" in text
    )
    assert "rehost because &lt;b&gt;" in text
    assert '<th scope="row">host-1</th>' not in text
