"""Records of a text file in bulk. A quote that is never closed costs its own line, not the lines after it."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TextIO

from caravan_discovery.domain.reading.plain_lines import PlainLines, part_fields

PART_RECORDS, PART_CHARACTERS = 50_000, 8 << 20
_PIECE = 1 << 18
# How many lines may be read a second time, because a quote swallowed them, before quotes count as plain characters.
_PATIENCE = 1_000_000
_MOST_TIMES_WIDER = 4


class Records:
    """Reads one open file once. `usual` is the commonest number of fields, as a sample shows it."""

    def __init__(self, file: TextIO, delimiter: str, usual: int) -> None:
        self._file, self._delimiter, self._usual = file, delimiter, usual
        self._widest, self._patience = 1, _PATIENCE

    def parts(self) -> Iterator[list[list[str]]]:
        """Consecutive records in file order; a blank line is an empty record."""
        while lines := self._lines():
            yield self._read(lines)

    def parts_or_lines(self) -> Iterator[list[list[str]] | PlainLines]:
        """As `parts`; lines that hold a record each come as lines, with the records of those that are odd."""
        while lines := self._lines():
            plain = part_fields(lines, self._delimiter)
            odd = [] if plain is None else plain.text.filter(plain.fields.is_null()).to_list()
            # A line without quotes neither begins nor ends within a field, wherever the odd ones stand.
            records = self._one_a_line(odd) if odd else []
            if plain is None or records is None:
                yield self._read(lines)
            else:
                self._widest = max(self._widest, plain.widest())
                yield replace(plain, odd=records)

    def _read(self, lines: Sequence[str]) -> list[list[str]]:
        records = self._one_a_line(lines)
        return records if records is not None else list(self._carefully(lines))

    def _lines(self) -> list[str]:
        lines: list[str] = []
        held = 0
        while held < PART_CHARACTERS and len(lines) < PART_RECORDS:
            piece = self._file.readlines(_PIECE)
            if not piece:
                break
            lines += piece
            held += _PIECE
        return lines

    def _one_a_line(self, lines: Sequence[str]) -> list[list[str]] | None:
        """All at once where each line is a record of its own, as in most files; else null."""
        if _ends_inside_quotes(lines[-1], self._delimiter):
            return None
        try:
            records = list(csv.reader(lines, delimiter=self._delimiter))
        except csv.Error:
            return None
        if len(records) != len(lines):
            return None
        widest = max(map(len, records))
        self._widest = max(self._widest, widest)
        return records

    def _carefully(self, lines: Sequence[str]) -> Iterator[list[str]]:
        """The records that begin in these lines; the last may go on in the file."""
        taken: list[str] = []
        used = 0

        def source() -> Iterator[str]:
            for line in chain(lines, self._file):
                taken.append(line)
                yield line

        reader = csv.reader(source(), delimiter=self._delimiter)
        while used < len(lines):
            taken.clear()
            try:
                record: list[str] | None = next(reader)
            except StopIteration:
                return
            except csv.Error:
                record = None
            used += len(taken)
            yield from self._settled(record, taken)

    def _settled(self, record: list[str] | None, taken: Sequence[str]) -> Iterator[list[str]]:
        """A record over several lines must have its fields; else the first is taken as it stands, the rest afresh."""
        if record is not None and (len(taken) == 1 or self._is_whole(record)):
            self._widest = max(self._widest, len(record))
            yield record
            return
        yield self._plain(taken[0])
        start = 1
        while start < len(taken):
            record, used = self._afresh(taken, start)
            yield record
            start += used

    def _afresh(self, lines: Sequence[str], start: int) -> tuple[list[str], int]:
        """The record that begins in line `start`, and over how many lines it goes."""
        if self._patience > 0:
            reader = csv.reader((lines[at] for at in range(start, len(lines))), delimiter=self._delimiter)
            try:
                record = next(reader)
            except csv.Error:
                record = []
            used = reader.line_num
            self._patience -= used
            if used == 1 or self._is_whole(record):
                return record, used
        return self._plain(lines[start]), 1

    def _is_whole(self, record: Sequence[str]) -> bool:
        """Whether a record over several lines has about the fields that records have here."""
        return min(self._usual, self._widest) <= len(record) <= _MOST_TIMES_WIDER * self._usual

    def _plain(self, line: str) -> list[str]:
        return line.rstrip("\r\n").split(self._delimiter)


def _ends_inside_quotes(line: str, delimiter: str) -> bool:
    if '"' not in line:
        return False
    try:
        list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False
