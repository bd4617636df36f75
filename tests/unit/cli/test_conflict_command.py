"""A conflict is listed with the files and rows that a person can open."""

from caravan.commands.conflicts import _cells


def test_a_conflict_names_the_rows_of_winner_and_losers_beside_their_sources() -> None:
    row = {
        "id": "7",
        "asset_key": "generic:web01",
        "attribute": "memory_gb",
        "winner": "16.0",
        "winner_row": "a.xlsx#Servers#22",
        "winner_source": "generic:1",
        "reason": "more trusted source",
        "losers": ["8.0", "12.0"],
        "loser_rows": ["b.csv##2", "c.csv##9"],
        "loser_sources": ["generic:2", "generic:3"],
    }
    assert _cells(row) == [
        "7", "generic:web01", "memory_gb", "16.0", "a.xlsx, Servers, row 22", "generic:1", "more trusted source",
        "8.0, 12.0", "b.csv, row 2; c.csv, row 9", "generic:2, generic:3",
    ]  # fmt: skip
