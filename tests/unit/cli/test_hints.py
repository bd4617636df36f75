"""Three things worth looking at, from what is there."""

from datetime import date

import polars as pl

from caravan.hints import find_hints

DEBT = pl.DataFrame(
    {
        "natural_key": ["1", "2", "3"],
        "asset_name": ["old-01", "older-01", "quiet-01"],
        "product": ["Debian", "Windows Server", None],
        "version": ["10", None, None],
        "eol_date": [date(2024, 6, 30), date(2015, 7, 14), None],
        "status": ["unsupported", "unsupported", "zombie"],
        "score": [0.4, 0.9, None],
    }
)


def test_the_worst_of_what_is_out_of_support_comes_first() -> None:
    hints = find_hints({"tech_debt": DEBT})
    assert hints[0] == "older-01 runs Windows Server, out of support since 2015-07-14; see tech_debt."
    assert "quiet-01" in hints[1]


def test_two_files_that_contradict_each_other_are_named_with_their_rows() -> None:
    conflicts = pl.DataFrame(
        {
            "asset_key": ["k", "k"],
            "attribute": ["memory_gb", "memory_gb"],
            "winner": ["16.0", "32.0"],
            "winner_row": ["a.csv##2", "a.xlsx#vInfo#8"],
            "losers": [["8.0"], ["64.0"]],
            "loser_rows": [["a.csv##3"], ["b.csv##9"]],
            "reason": ["first row", "more trusted source"],
        }
    )
    assets = pl.DataFrame({"natural_key": ["k"], "name": ["tos-db-01"]})
    (hint,) = find_hints({"conflicts": conflicts, "assets": assets})
    assert hint.startswith("tos-db-01: memory_gb is 32.0 in a.xlsx, vInfo, row 8 and 64.0 in b.csv, row 9; ")
    assert "more trusted source" in hint


def test_nothing_found_is_no_hint() -> None:
    assert find_hints({"tech_debt": DEBT.clear(), "assets": pl.DataFrame()}) == []


def test_each_flow_of_the_chain_has_a_say() -> None:
    treatments = pl.DataFrame(
        {
            "natural_key": ["a", "b"],
            "name": ["Fax Gateway", "Intranet"],
            "targets": [1, 3],
            "treatment": ["replatform", "rehost"],
            "recommended": ["retire", "rehost"],
            "decided_by": ["crew", "crew"],
        }
    )
    tasks = pl.DataFrame(
        {
            "natural_key": ["a#5", "b#5", "b#1"],
            "application_name": ["Fax Gateway", "Intranet", "Intranet"],
            "cutover": [True, True, False],
            "late_days": [None, 1, None],
        }
    )
    assert find_hints({"tech_debt": DEBT, "treatments": treatments, "tasks": tasks}) == [
        "older-01 runs Windows Server, out of support since 2015-07-14; see tech_debt.",
        "Fax Gateway: the rules say retire, the crew replatform; treatments says why.",
        "1 of 2 cutovers come after the end of their wave, Intranet by 1 working day; see tasks and resource_gaps.",
    ]


def test_a_table_of_which_nothing_came_is_told_first() -> None:
    gaps = pl.DataFrame(
        {
            "kind": ["unused_sheet"],
            "message": ["2 rows of a.csv were taken in, but nothing came of them."],
            "suggestions": pl.Series([[]], dtype=pl.List(pl.String)),
        }
    )
    hints = find_hints({"gaps": gaps, "tech_debt": DEBT})
    assert hints[0] == "2 rows of a.csv were taken in, but nothing came of them. See gaps."
