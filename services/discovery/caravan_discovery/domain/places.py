"""Where a row stood: `file#sheet#row`, sheet empty for files without sheets, row as a person counts it."""

import polars as pl

PLACE = pl.format("{}#{}#{}", "file", "sheet", "row_number")


def place_in_words(place: str) -> str:
    """`file#sheet#7` as `file, sheet, row 7`; what is no place stays as it is."""
    if place.count("#") < 2:
        return place
    file, sheet, row = place.rsplit("#", 2)
    return ", ".join(part for part in (file, sheet, f"row {row}") if part)


def find_ranges(rows: pl.LazyFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """First row and number of rows of each file and sheet: raw_rows is sorted by both."""
    places = (
        rows.select("file", "sheet")
        .with_row_index("at")
        .group_by("file", "sheet")
        .agg(start=pl.col("at").min(), length=pl.len())
        .collect(engine="streaming")
    )
    return {(file, sheet): (start, length) for file, sheet, start, length in places.iter_rows()}
