"""JSON and Parquet as tables of text: one record a row, nested objects flattened, lists joined."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from caravan_discovery.domain.reading.source import (
    NO_RECORD,
    PREVIEW_ROWS,
    Limits,
    Table,
    Unfit,
    UnreadableFile,
    clean_frame,
)
from caravan_discovery.domain.reading.spilled import spilled_table
from caravan_discovery.domain.reading.text import detect_encoding

_PARQUET = b"PAR1"
# How tools name an object's own words: NetBox writes display, label or name beside id and url.
_LABELS = ("display", "label", "name", "address", "value")
_DEEPEST = 3
# An object with one of these may be an asset itself; lists of nameless things that it holds are its parts.
_OWN_NAMES = frozenset(("name", "hostname", "fqdn"))
_SHOWN = 2_000


@dataclass(frozen=True)
class _Records:
    """Entry i stands in row i + 2, below the names; null: it is no object, see `strays`."""

    sheet: str
    entries: Sequence[Mapping[str, Any] | None]
    strays: Mapping[int, str]


def is_json(path: Path) -> bool:
    """By its first characters that are no blanks, after a byte order mark."""
    with path.open("rb") as file:
        head = file.read(256)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head[2:].replace(b"\x00", b"")
    head = b"".join(head.removeprefix(b"\xef\xbb\xbf").split())
    return head.startswith((b"[{", b"[[", b'{"', b"{}", b"[]"))


def is_parquet(path: Path) -> bool:
    """By its magic bytes."""
    with path.open("rb") as file:
        return file.read(4) == _PARQUET


def open_json(path: Path, limits: Limits, scratch: Path) -> list[Table]:
    """A list of objects, one under each key of an object (`results`), or one object a line. Raises UnreadableFile."""
    if path.stat().st_size > limits.json_bytes:
        raise UnreadableFile(f"has more than {limits.json_bytes} bytes of JSON: split it, or save it as CSV.")
    with detect_encoding(path, Limits(line_bytes=limits.json_bytes)).open(path) as file:
        text = file.read()
    try:
        tables = [
            _spill(records, limits, scratch / f"{path.stem}-{number}.arrow")
            for number, records in enumerate(_lists(text))
        ]
    except RecursionError as error:
        raise UnreadableFile("is nested too deeply: it is no list of assets.") from error
    return tables


def _spill(records: _Records, limits: Limits, spilled: Path) -> Table:
    flat = [_flat(entry) if entry is not None else {} for entry in records.entries]
    names = list(dict.fromkeys(name for record in flat for name in record))
    if not names:
        raise UnreadableFile("holds no list of objects.")
    if len(names) > limits.columns:
        raise UnreadableFile(f"has {len(names)} columns; at most {limits.columns} are read.")
    if len(names) * len(flat) > limits.sheet_cells:
        raise UnreadableFile(
            f"makes a table of {len(flat)} rows and {len(names)} columns: split it, or save it as CSV."
        )
    columns = {f"c{position}": [record.get(name) for record in flat] for position, name in enumerate(names)}
    frame = clean_frame(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String())))
    frame.write_ipc(spilled)
    unfit = [Unfit(position + 2, NO_RECORD, (text,)) for position, text in records.strays.items()]
    preview = (tuple(names), *frame.head(PREVIEW_ROWS - 1).rows())
    return spilled_table(records.sheet, spilled, preview, limits, header_row=1, unfit=unfit)


def open_parquet(path: Path, limits: Limits, scratch: Path) -> Table:
    """Every column as text, read through before any row is given. Raises UnreadableFile."""
    spilled = scratch / f"{path.stem}-parquet.arrow"
    try:
        scan = pl.scan_parquet(path)
        schema = scan.collect_schema()
        _refuse_large(scan, schema, limits)
        texts = [
            _as_text(name, dtype).alias(f"c{position}")
            for position, (name, dtype) in enumerate(schema.items())
        ]
        scan.select(texts).sink_ipc(spilled, maintain_order=True)
        first = clean_frame(pl.scan_ipc(spilled).head(PREVIEW_ROWS - 1).collect())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        raise UnreadableFile("can't be read as Parquet: write it again.") from error
    return spilled_table("", spilled, (tuple(schema.names()), *first.rows()), limits, header_row=1)


def _refuse_large(scan: pl.LazyFrame, schema: pl.Schema, limits: Limits) -> None:
    """Values are stored once however often they occur: a small file may hold more than any disk."""
    if not schema:
        raise UnreadableFile("has no columns.")
    if len(schema) > limits.columns:
        raise UnreadableFile(f"has {len(schema)} columns; at most {limits.columns} are read.")
    sizes = [
        pl.col(name).str.len_bytes().cast(pl.UInt64).sum().alias(f"c{position}")
        for position, (name, dtype) in enumerate(schema.items())
        if dtype == pl.String
    ]
    found = scan.select(pl.len().cast(pl.UInt64).alias("rows"), *sizes).collect(engine="streaming").row(0)
    rows, characters = found[0], sum(size or 0 for size in found[1:])
    if rows * len(schema) > limits.sheet_cells * 4 or characters > limits.unpacked_bytes * 2:
        raise UnreadableFile(
            f"holds {rows} rows of {len(schema)} columns, {characters} bytes of text: split it."
        )


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Binary):
        # A cast fails on the first byte that is no UTF-8; few files have such columns at all.
        return column.map_batches(_decoded, return_dtype=pl.String)
    if isinstance(dtype, pl.List) and not dtype.inner.is_nested():
        return column.cast(pl.List(pl.String)).list.join(", ", ignore_nulls=True)
    if dtype.is_nested():
        inside = (
            pl.struct(column.alias("value")).struct.json_encode().str.slice(len('{"value":')).str.head(-1)
        )
        return pl.when(column.is_not_null()).then(inside)
    return column.cast(pl.String)


def _decoded(column: pl.Series) -> pl.Series:
    texts = [value.decode("utf-8", "replace") if value is not None else None for value in column.to_list()]
    return pl.Series(column.name, texts, dtype=pl.String)


def _lists(text: str) -> Iterator[_Records]:
    """The lists of objects in a document: each under its key where there are several."""
    try:
        document = json.loads(text)
    except ValueError as error:
        yield _line_by_line(text, error)
        return
    if isinstance(document, list):
        yield _of_list("", document)
        return
    lists = _lists_within(document)
    if not lists:
        yield _of_list("", [document])
    for key, entries in lists.items():
        yield _of_list(key if len(lists) > 1 else "", entries)


def _lists_within(document: Any, depth: int = 0) -> dict[str, list[Any]]:
    """Lists of objects by their key, else those of the objects within, but the parts of an object with a name."""
    if not isinstance(document, dict):
        return {}
    lists = {
        key: value
        for key, value in document.items()
        if isinstance(value, list) and any(isinstance(entry, dict) for entry in value)
    }
    if lists or depth == _DEEPEST:
        return lists
    inside = [(key, _lists_within(value, depth + 1)) for key, value in document.items()]
    if _is_named(document):
        inside = [
            (key, {name: entries for name, entries in found.items() if any(map(_is_named, entries))})
            for key, found in inside
        ]
    names = Counter(name for _, found in inside for name in found)
    return {
        name if names[name] == 1 else f"{key}.{name}": entries
        for key, found in inside
        for name, entries in found.items()
    }


def _is_named(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(_OWN_NAMES & {str(key).casefold() for key in entry})


def _of_list(sheet: str, entries: Sequence[Any]) -> _Records:
    strays = {
        position: json.dumps(entry)[:_SHOWN]
        for position, entry in enumerate(entries)
        if not isinstance(entry, dict)
    }
    return _Records(sheet, [entry if isinstance(entry, dict) else None for entry in entries], strays)


def _line_by_line(text: str, error: ValueError) -> _Records:
    """One object a line; lines that are none are rejected, unless there are more of them than objects."""
    entries: list[Mapping[str, Any] | None] = []
    strays: dict[int, str] = {}
    for line in text.split("\n"):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict):
            strays[len(entries)] = line[:_SHOWN]
            entry = None
        entries.append(entry)
    if len(strays) * 2 >= len(entries):
        place = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise UnreadableFile(f"is no valid JSON ({place}).") from error
    return _Records("", entries, strays)


def _flat(record: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str | None]:
    flat: dict[str, str | None] = {}
    for key, value in record.items():
        name = _writable(f"{prefix}{key}")
        if isinstance(value, dict) and _label(value) is None and depth < _DEEPEST:
            flat |= _flat(value, f"{name}.", depth + 1)
        else:
            text = _text(value)
            flat[name] = _writable(text) if text is not None else None
    return flat


def _writable(text: str) -> str:
    """Half of a surrogate pair, which JSON can spell and no file can hold, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _label(value: Mapping[str, Any]) -> str | None:
    return next((str(value[key]) for key in _LABELS if isinstance(value.get(key), str | int | float)), None)


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case list():
            return ", ".join(text for text in map(_text, value) if text)
        case dict():
            return _label(value) or json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
