"""Cells are named as a spreadsheet names them."""

import pytest

from caravan.commands.lineage import place_of, words_of


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_letters(index: int, letters: str) -> None:
    cell = {"file": "f.xlsx", "sheet": "S", "row_number": 7, "column_index": index, "column": "Host"}
    assert place_of(cell) == f"f.xlsx, S, {letters}7 (Host)"


def test_a_file_without_sheets_names_none() -> None:
    cell = {"file": "f.csv", "sheet": "", "row_number": 2, "column_index": 3, "column": "RAM"}
    assert place_of(cell) == "f.csv, D2 (RAM)"


def test_a_judgement_names_model_and_prompt_only_where_the_crew_decided() -> None:
    judgement = {
        "case_id": "a.csv##0|Host",
        "crew": "mapping",
        "option": "name",
        "decided_by": "crew",
        "reasons": ["names are in it"],
        "why_rule": None,
        "model": "openai/some",
        "prompt_version": "0123456789ab",
    }
    by_rule = judgement | {"decided_by": "rule", "reasons": [], "why_rule": "the budget was spent"}
    assert words_of(judgement) == (
        "a.csv##0|Host: name by crew mapping (openai/some, prompt 0123456789ab): names are in it"
    )
    assert words_of(by_rule) == "a.csv##0|Host: name by rule: the budget was spent"
