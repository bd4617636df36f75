"""Whole datasets as their reader may see them: what `privacy.veiled` says of a row, column by column."""

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from caravan_orchestrator.api.privacy import BY_HEADER, VALUES, blanked, is_personal, veiled

_SUBJECTS = ("attribute", "subject")


def veiled_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """The same columns and rows."""
    about = _about_persons(frame)
    return frame.with_columns(_veiled(frame[name], about) for name in frame.columns)


def persons_in_frame(frame: pl.DataFrame) -> set[str]:
    """Columns, and attributes that rows are about, which tell of persons."""
    named = {name for name in frame.columns if is_personal(name) and frame[name].null_count() < frame.height}
    told = frame.filter(_about_persons(frame))
    for name in _SUBJECTS:
        if name in told.columns and told.height:
            named |= {str(each).rpartition("#")[2] for each in told[name].drop_nulls().unique()}
    return {each for each in named if is_personal(each)}


def _about_persons(frame: pl.DataFrame) -> pl.Series:
    """Rows about an attribute of a person, by their `attribute` or by the conflict (asset#attribute) that they name."""
    found = pl.Series([False]).new_from_index(0, frame.height)
    for name in _SUBJECTS:
        if frame.schema.get(name) == pl.String:
            values = {
                each for each in frame[name].drop_nulls().unique() if is_personal(each.rpartition("#")[2])
            }
            found |= frame[name].is_in(list(values)).fill_null(False)
    return found


def _veiled(column: pl.Series, about: pl.Series) -> pl.Series:
    if not _holds_text(column.dtype):
        return column
    if is_personal(column.name):
        return _mapped(column, blanked)
    shown = (
        _mapped(column, lambda value: veiled({column.name: value})[column.name])
        if _is_suspect(column)
        else column
    )
    if column.name in VALUES and about.any():
        return shown.to_frame().select(
            pl.when(about).then(_mapped(column, blanked)).otherwise(pl.col(column.name)).alias(column.name)
        )[column.name]
    return shown


def _holds_text(dtype: pl.DataType) -> bool:
    return any(inner == pl.String for inner in _inner(dtype))


def _inner(dtype: Any) -> Iterator[Any]:
    if isinstance(dtype, pl.List | pl.Array):
        yield from _inner(dtype.inner)
    elif isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            yield from _inner(field.dtype)
    else:
        yield dtype


def _is_suspect(column: pl.Series) -> bool:
    """Most columns of text hold no address, and are left as they are."""
    if column.dtype == pl.String:
        return column.name in BY_HEADER or bool(column.str.contains("@", literal=True).any())
    return True


def _mapped(column: pl.Series, change: Callable[[Any], Any]) -> pl.Series:
    """Each value once, however often it stands there."""
    if column.dtype != pl.String:
        return pl.Series(column.name, [change(each) for each in column.to_list()], dtype=column.dtype)
    changed = {each: change(each) for each in column.drop_nulls().unique()}
    return column.replace_strict(changed, default=None, return_dtype=pl.String) if changed else column
