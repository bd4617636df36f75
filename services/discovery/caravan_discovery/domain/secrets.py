"""Passwords in inventory cells: masked before a cell leaves the raw rows."""

import re
from collections.abc import Iterable, Mapping

import polars as pl

from caravan_common.masking import MASK, mask_secrets, names_secret

# Every text that `mask_secrets` would change matches this; the rest is spared nine patterns a cell.
_SUSPICIOUS = (
    r"(?i)pass|pwd|pw|kennw|secret|token|cred|zugang|anmelde|login|key|connection|bind|pin|://|bearer|basic|eyj|akia|asia|gh[pos]_"
    r"|gh[pos]-|glpat|xox|\b[spr]k[_-]\w"
)
_SUSPECT = re.compile(_SUSPICIOUS)


def mask_row(cells: Mapping[str, str | None]) -> dict[str, str | None]:
    """A row by header with its secrets masked."""
    return {header: _masked(header, cell) if cell else cell for header, cell in cells.items()}


def mask_values(header: str, values: Iterable[str]) -> list[str]:
    """Sample values of one column with their secrets masked."""
    return [_masked(header, value) for value in values]


def mask_column(header: str, cells: pl.Series) -> pl.Series:
    """A column of text with its secrets masked: all of it where the header names one."""
    if names_secret(header):
        return cells.to_frame("cell").select(cell=pl.when(pl.col("cell").is_not_null()).then(pl.lit(MASK)))[
            "cell"
        ]
    suspects = cells.filter(cells.str.contains(_SUSPICIOUS)).unique()
    masked = {text: mask_secrets(text) for text in suspects.to_list()}
    changed = {text: clean for text, clean in masked.items() if clean != text}
    return cells.replace(list(changed), list(changed.values())) if changed else cells


def _masked(header: str, cell: str) -> str:
    if names_secret(header):
        return MASK
    return mask_secrets(cell) if _SUSPECT.search(cell) else cell
