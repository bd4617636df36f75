"""The HTML report: everything in one page, nothing unescaped, and a page even for an empty estate."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import openpyxl
import polars as pl
import pytest

from caravan_common.reporting import render_page
from caravan_discovery.domain.report import draw_graph, draw_timeline
from caravan_discovery.report import make_report
from tests.unit.discovery.conftest import CHAIN, REPORTED, Discovery

CSS = files("caravan_common.reporting").joinpath("report.css").read_text(encoding="utf-8")
SERVERS = (
    "Server Name,Asset Tag,IP Address,Operating System,Memory (GB),Application\n"
    "web-01,A1,10.0.0.1,RHEL 7.9,16,Shop\nweb-01,A1,10.0.0.1,RHEL 7.9,32,Shop\n"
    "web-02,A2,10.0.0.2,Debian 12,8,Shop\n"
)


class Page(HTMLParser):
    """The elements of a page: tag and attributes, in their order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def report(discovery: Discovery) -> str:
    discovery.run(*CHAIN)
    summaries = {key: value for phase in CHAIN for key, value in discovery.summary(phase).items()}
    frames = {name: discovery.table(name) for name in REPORTED}
    return rendered("Estate of Example & Co", date(2026, 11, 21), summaries, frames)


def rendered(
    title: str,
    as_of: date,
    summaries: Mapping[str, Any] = MappingProxyType({}),
    frames: Mapping[str, pl.DataFrame] = MappingProxyType({}),
) -> str:
    """A page of discovery's part alone."""
    return render_page(title, as_of, [make_report(title, as_of, summaries, frames)])


def test_the_report_shows_what_came_in_what_conflicts_and_what_ends(discovery: Discovery) -> None:
    discovery.write("servers.csv", SERVERS)
    page = report(discovery)

    for text in (
        "Estate of Example &amp; Co",
        "servers.csv",
        "memory (GB)",
        "2024-06-30",
        "Shop",
        "Blind spots",
    ):
        assert text in page


def test_text_out_of_files_is_escaped(discovery: Discovery) -> None:
    discovery.write(
        "<b>.csv",
        'Server Name,IP Address,Application\n<script>alert(1)</script>,10.0.0.1,"<img src=x onerror=y>"\n',
    )
    page = report(discovery)

    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_a_secret_that_comes_as_far_as_the_report_is_masked_there() -> None:
    gap = {
        "natural_key": "k", "kind": "unknown_endpoint", "subject": "db with password: Kaimauer-2019!",
        "attributes": [], "message": "", "severity": "low", "count": 1, "suggestions": ["pwd=Hafen#4711"],
        "places": ["token=abcdefgh12345678.csv##2"],
    }  # fmt: skip
    page = rendered("secret=Anker99", date(2026, 1, 1), {}, {"gaps": pl.DataFrame([gap])})

    assert not [each for each in ("Kaimauer", "Hafen#", "abcdefgh", "Anker99") if each in page]
    assert page.count("***") == 5


def test_the_page_runs_nothing_and_points_nowhere_outside(discovery: Discovery) -> None:
    discovery.write("s.csv", SERVERS)
    text = report(discovery)
    page = Page(text)

    targets = [each["href"] for _, each in page.elements if "href" in each]
    ids = {each["id"] for _, each in page.elements if "id" in each}
    assert targets
    assert all(target[0] == "#" and target[1:] in ids for target in targets)
    assert not re.search(r"\bsrc=|url\(|@import|https?:", text)
    assert not {tag for tag, _ in page.elements} & {"script", "link", "img", "iframe", "object", "form"}
    [policy] = [each["content"] for each in page.all("meta") if "http-equiv" in each]
    assert policy.startswith("default-src 'none'")


def test_headings_and_tables_tell_a_screen_reader_what_they_are(discovery: Discovery) -> None:
    discovery.write("servers.csv", SERVERS)
    page = Page(report(discovery))

    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("table")) == len(page.all("caption")) > 3
    assert all(each.get("scope") in ("col", "row") for each in page.all("th"))
    ids = [each["id"] for _, each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))
    named = [each.get("aria-labelledby") or each.get("aria-hidden") for each in page.all("svg")]
    assert named
    assert all(name == "true" or name in ids for name in named)


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""

    def luminance(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes() -> Iterator[dict[str, str]]:
    for block in re.findall(r":root \{([^}]*)\}", CSS):
        yield dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))


@pytest.mark.parametrize("colors", list(palettes()), ids=["light", "dark", "print"])
def test_text_and_marks_stand_out_on_every_ground(colors: dict[str, str]) -> None:
    for ground in ("card", "page", "box"):
        for text in ("ink", "soft", "accent"):
            assert contrast(colors[text], colors[ground]) >= 4.5, (text, ground)
    for mark in ("accent", "past", "near", "far"):
        assert contrast(colors[mark], colors["card"]) >= 3, mark


def test_single_points_of_failure_are_listed_with_what_they_cut_off(discovery: Discovery) -> None:
    discovery.write(
        "s.csv",
        "Server Name,IP Address,Depends On\nweb-01,10.0.0.1,broker-01\nbroker-01,10.0.0.4,queue-01\n"
        "queue-01,10.0.0.5,\n",
    )
    page = report(discovery)

    assert page.count('<th scope="row">broker-01</th>') == 1
    assert "1 machine has no stand-in though others need them: without broker-01 1 asset is cut off." in page
    assert '<data data-figure="cut_off/generic:broker-01" value="1">1</data>' in page


def test_a_day_from_a_weak_source_is_marked_as_such(discovery: Discovery) -> None:
    discovery.write("s.csv", "Server Name,IP Address,Operating System\nux-01,10.0.0.1,HP-UX 11.31\n")
    page = report(discovery)

    assert "2025-12-31 (weak source)" in page
    assert "confirm the day" in page


def test_formulas_that_came_in_blank_are_told_with_what_to_do(discovery: Discovery, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (["Server Name", "CPUs"], ["web-01", "=2*2"], ["web-02", "=4*2"]):
        sheet.append(row)
    workbook.save(tmp_path / "fleet.xlsx")
    discovery.upload(tmp_path / "fleet.xlsx")
    page = report(discovery)

    assert '<data data-figure="formulas/fleet.xlsx/Sheet/B2" value="2">2</data>' in page
    assert "Open it in a spreadsheet program, save it" in page


def test_an_empty_estate_still_makes_a_page() -> None:
    page = rendered("Nothing", date(2026, 1, 1))

    assert "No dependencies were found" in page


def test_the_timeline_has_a_bar_per_year_with_its_count_and_states() -> None:
    debt = pl.DataFrame(
        {
            "eol_date": [date(2020, 1, 1), date(2026, 5, 1), date(2026, 12, 1), date(2011, 1, 1), None],
            "status": ["unsupported", "unsupported", "ending_12_months", "unsupported", "unknown"],
        }
    )

    bars = draw_timeline(debt, date(2026, 11, 21)).bars

    assert [(bar.label, bar.count, [piece.tone for piece in bar.pieces]) for bar in bars] == [
        ("≤ 2014", 1, ["past"]),
        ("2020", 1, ["past"]),
        ("2026", 2, ["past", "near"]),
    ]


def test_a_file_is_one_line_over_all_its_sheets_and_reasons_are_words() -> None:
    imports = [
        {"file": "a.xlsx", "sheet": "S", "format": "mpa", "rows": 3, "accepted": 2, "rejected": 1,
         "reasons": {"total_row": 1}},
        {"file": "a.xlsx", "sheet": "TOC", "format": "ignored", "rows": 0, "accepted": 0, "rejected": 0,
         "reasons": {}, "reason": "toc_sheet"},
    ]  # fmt: skip
    rejected = pl.DataFrame({"code": ["total_row"], "file": ["a.xlsx"], "sheet": ["S"], "row_number": [4]})
    page = rendered("Estate", date(2026, 1, 1), {"imports": imports}, {"rejected_rows": rejected})

    assert page.count('<th scope="row">a.xlsx</th>') == 1
    assert "a total, not an asset" in page
    assert "a.xlsx, S, row 4" in page
    assert "TOC: a table of contents" in page


def test_conflicts_and_gaps_name_assets_and_not_their_keys() -> None:
    conflict = {
        "natural_key": "k#memory_gb", "asset_key": "k", "attribute": "memory_gb", "winner": "16.0",
        "winner_row": "a.csv##2", "losers": ["8.0"], "loser_rows": ["b.csv##3"], "reason": "newer",
    }  # fmt: skip
    frames = {
        "assets": pl.DataFrame({"natural_key": ["k"], "name": ["web-01"], "asset_type": ["server"]}),
        "conflicts": pl.DataFrame([conflict]),
    }
    page = rendered("Estate", date(2026, 1, 1), {}, frames)

    assert '<th scope="row">web-01</th>' in page
    assert "16 (a.csv, row 2)" in page
    assert "8 (b.csv, row 3)" in page
    assert 'data-figure="conflicts/a.csv/b.csv" value="1"' in page


def test_what_is_assumed_is_shown_with_the_machine_and_the_reason(discovery: Discovery) -> None:
    rows = [f"vm-{number},10.0.0.{number},4,16" for number in range(1, 5)]
    discovery.write(
        "vms.csv", "\n".join(["VM Name,IP Address,CPUs,Memory (GB)", *rows, "odd,10.0.0.9,,16"]) + "\n"
    )
    page = report(discovery)

    assert "1 machine tells no processor cores; a number is assumed, and flagged" in page
    _, heading, table = page.partition("Assumed until somebody tells")
    assert heading
    table = table.partition("References that nothing")[0]
    assert '<th scope="row">odd</th>' in table
    assert 'data-figure="assumed/missing:generic:odd/cores" value="4"' in table
    assert "as 4 of 4 virtual machines with 16 GiB have" in table


def test_where_nothing_is_assumed_the_report_says_nothing_of_it(discovery: Discovery) -> None:
    discovery.write("vms.csv", "VM Name,IP Address,CPUs,Memory (GB)\nvm-1,10.0.0.1,4,16\n")

    assert "assumed" not in report(discovery)


def applications(count: int) -> pl.DataFrame:
    names = [f"App {number:03}" for number in range(count)]
    return pl.DataFrame({"natural_key": names, "asset_type": ["application"] * count})


def edges(pairs: list[tuple[int, int]]) -> pl.DataFrame:
    ends = [(f"App {source:03}", f"App {target:03}") for source, target in pairs]
    return pl.DataFrame(
        {
            "source_key": [source for source, _ in ends],
            "target_key": [target for _, target in ends],
            "kind": ["soft" if source % 3 else "hard_order" for source, _ in pairs],
            "weight": [1.0] * len(pairs),
            "shared_service": [False] * len(pairs),
        }
    ).with_columns(source_name="source_key", target_name="target_key")


def test_forty_applications_are_drawn_one_by_one_and_no_box_hides_another() -> None:
    pairs = [(number, (number * 7 + 3) % 40) for number in range(40)]

    graph = draw_graph(edges(pairs), applications(40))

    assert (len(graph.boxes), graph.ends, graph.aggregated) == (40, 40, False)
    assert len({box.text for box in graph.boxes}) == 40
    for number, one in enumerate(graph.boxes):
        assert 67 <= one.x <= 933
        for other in graph.boxes[number + 1 :]:
            assert abs(one.x - other.x) >= 134 or abs(one.y - other.y) >= 26, (one, other)


def test_an_arrow_points_down_unless_it_closes_a_circle() -> None:
    graph = draw_graph(edges([(0, 1), (1, 2), (2, 0), (3, 0)]), applications(4))

    assert [line.title for line in graph.lines if line.back] == ["App 002 needs App 000"]
    assert [box.text for box in graph.boxes if box.circle] == ["App 000", "App 001", "App 002"]


def test_a_large_estate_is_drawn_as_at_most_forty_boxes_that_hold_everything() -> None:
    chain = [(number, number + 1) for number in range(500) if number % 5]
    pairs = chain + [(number, number // 2) for number in range(600, 900)]

    graph = draw_graph(edges(pairs), applications(900))

    names = {end for pair in pairs for end in pair}
    held = sum(
        int(found[1]) if (found := re.search(r"^(\d+) in small groups", box.title))
        else int(more[1]) + 1 if (more := re.search(r" and (\d+) more$", box.title)) else 1
        for box in graph.boxes
    )  # fmt: skip
    drawn = sum(
        int(found[1]) if (found := re.search(r"\((\d+) edges\)", line.title)) else 1 for line in graph.lines
    )
    assert graph.aggregated
    assert len(graph.boxes) <= 40
    assert held == graph.ends == len(names)
    assert drawn + graph.inside == graph.edges == len(pairs)


def test_equal_frames_give_the_same_page_in_whatever_order_their_rows_come() -> None:
    pairs = [(number, (number * 7 + 3) % 90) for number in range(90)]
    frames = {"assets": applications(90), "dependencies": edges(pairs)}
    turned = {name: frame.reverse() for name, frame in frames.items()}

    first = rendered("E", date(2026, 1, 1), {}, frames)
    assert first == rendered("E", date(2026, 1, 1), {}, turned)
