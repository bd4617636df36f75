"""Sentences out of templates and facts, for all units at once."""

from string import Formatter

import polars as pl


def fill(template: str) -> pl.Expr:
    """A template with names of columns in braces, as an expression; null where one of them is null."""
    pattern, columns = "", []
    for text, name, _, _ in Formatter().parse(template):
        pattern += text
        if name:
            pattern += "{}"
            columns.append(pl.col(name).cast(pl.String))
    return pl.format(pattern, *columns) if columns else pl.lit(template)


def number(value: pl.Expr) -> pl.Expr:
    """Without a fraction that is none: 5, not 5.0."""
    return value.round(1).cast(pl.String).str.strip_suffix(".0")


def join_words(column: str) -> pl.Expr:
    """A list of text as one text."""
    return pl.col(column).list.join(", ")
