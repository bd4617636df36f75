"""Encoding and delimiter of a text file, found by looking."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TextIO

from charset_normalizer import from_bytes

from caravan_discovery.domain.reading.source import Limits, UnreadableFile

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Which legacy encodings inventories come in; the detector chooses among these only.
_WESTERN = ["cp1252", "cp1250", "cp850", "cp437", "mac_roman"]
_LEGACY = [*_WESTERN, "cp1251", "cp1253", "cp1254", "shift_jis", "gb18030", "big5", "euc_kr"]
_BLOCK = 1 << 20
# Control characters that no text has; a null byte is none of them, because exports of old systems pad with it.
_CONTROL = bytes(code for code in range(1, 32) if code not in b"\t\n\r\x0b\x0c\x1b\x1a")
_TEXT_SHARE = 0.98
_SAMPLE_BYTES = 256 << 10
_DETECTED_BYTES = 32 << 10
_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r"^sep=(.)\r?\n", re.IGNORECASE)
_LINE_END = re.compile(rb"[\r\n]")
_HIGH = re.compile(rb"[\x80-\xff]")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|html|head|body|table|workbook)\b", re.IGNORECASE
)
# What people deliver that is no table, by its first bytes.
_OTHER_FILES = (
    (b"\x1f\x8b", "is compressed (gzip): unpack it and deliver what is inside."),
    (b"BZh", "is compressed (bzip2): unpack it and deliver what is inside."),
    (b"\xfd7zXZ\x00", "is compressed (xz): unpack it and deliver what is inside."),
    (b"\x28\xb5\x2f\xfd", "is compressed (zstd): unpack it and deliver what is inside."),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it and deliver what is inside."),
    (b"Rar!", "is a RAR archive: unpack it and deliver what is inside."),
    (b"%PDF", "is a PDF: deliver the table it was made from as CSV or XLSX."),
)


@dataclass(frozen=True)
class Encoding:
    """`fallback` decodes the bytes that are no UTF-8 in a file pasted together from several; null: none are."""

    name: str
    fallback: str | None = None

    @property
    def label(self) -> str:
        """As shown to people."""
        return f"{self.name}+{self.fallback}" if self.fallback else self.name

    def open(self, path: Path) -> TextIO:
        """The file as text, line ends as they are. Never fails on what it reads."""
        errors = f"caravan-{self.fallback}" if self.fallback else "replace"
        return path.open(encoding=self.name, errors=errors, newline="")


def _register_fallback(fallback: str) -> None:
    def decode(error: UnicodeError) -> tuple[str | bytes, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        return error.object[error.start : error.end].decode(fallback, "replace"), error.end

    codecs.register_error(f"caravan-{fallback}", decode)


for _name in _WESTERN:
    _register_fallback(_name)


def detect_encoding(path: Path, limits: Limits) -> Encoding:
    """By byte order mark, by being valid UTF-8 throughout, else by the detector's best guess.

    Raises UnreadableFile for what is no text, or holds a line that no table has.
    """
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    _refuse_other_files(head)
    marked = next((encoding for mark, encoding in _BOMS if head.startswith(mark)), None)
    wide = marked if marked is not None else _utf16_without_mark(head)
    if wide is None and len(head.translate(None, _CONTROL)) < len(head) * _TEXT_SHARE:
        raise UnreadableFile("is neither text nor a workbook: save it as CSV or XLSX.")
    offending = _scan(path, limits)
    if wide is not None and wide != "utf-8-sig":
        return Encoding(wide)
    if offending is None:
        return Encoding(wide or "utf-8")
    return _legacy(path, offending, marked)


def _refuse_other_files(head: bytes) -> None:
    for magic, reason in _OTHER_FILES:
        if head.startswith(magic):
            raise UnreadableFile(reason)
    if _MARKUP.match(head[:1_000]):
        raise UnreadableFile("is HTML or XML, whatever its name says: open it in Excel and save it as XLSX.")


def _utf16_without_mark(head: bytes) -> str | None:
    """By which half of the bytes is zero, as in Latin text; null for anything else."""
    half = max(1, len(head) // 2)
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else None


def _scan(path: Path, limits: Limits) -> int | None:
    """Byte offset of what is no UTF-8; null when the whole file is. Raises UnreadableFile for an endless line."""
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    offset = line = 0
    offending: int | None = None
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            first, last = _LINE_END.search(block), max(block.rfind(b"\n"), block.rfind(b"\r"))
            line += first.start() if first else len(block)
            if line > limits.line_bytes:
                raise UnreadableFile(
                    f"has a line of more than {limits.line_bytes} bytes: it is no table, or its line ends are lost."
                )
            if last >= 0:
                line = len(block) - last - 1
            if decoder is not None:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    offending, decoder = offset + error.start, None
            offset += len(block)
    unfinished = decoder is not None and bool(decoder.getstate()[0])
    return offset if unfinished else offending


def _legacy(path: Path, offending: int, marked: str | None) -> Encoding:
    """UTF-8 with strange bytes in it (files pasted together), or a legacy encoding throughout."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
        file.seek(max(_SAMPLE_BYTES, offending - _SAMPLE_BYTES // 2))
        sample += file.read(_SAMPLE_BYTES)
    sequences = len(_MULTIBYTE.findall(sample))
    strange = len(_HIGH.findall(_MULTIBYTE.sub(b"", sample)))
    if marked is not None or sequences >= max(1, strange):
        return Encoding(marked or "utf-8", "cp1252")
    telling = _telling_lines(sample)
    best = from_bytes(telling, cp_isolation=_LEGACY).best()
    legacy = best.encoding if best is not None else "cp1252"
    # Umlauts are the same bytes in several; where all that was seen is, the commonest is meant by the rest.
    if legacy != "cp1252" and telling.decode(legacy, "replace") == telling.decode("cp1252", "replace"):
        legacy = "cp1252"
    return Encoding("utf-8", legacy) if sequences and legacy in _WESTERN else Encoding(legacy)


def _telling_lines(sample: bytes) -> bytes:
    """The lines that hold bytes beyond ASCII: the rest says nothing about an encoding."""
    telling = b"\n".join(line for line in _LINE_END.split(sample) if _HIGH.search(line))
    return telling[:_DETECTED_BYTES]


def detect_delimiter(sample: str) -> str:
    """The character that cuts most records into equally many fields; Excel's `sep=;` line wins."""
    stated = _SEPARATOR_LINE.match(sample)
    if stated:
        return stated.group(1)
    scores = {delimiter: _consistency(sample, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best].fields else ","


def usual_fields(sample: str, delimiter: str) -> int:
    """The commonest number of fields above one; 1 where no record has several."""
    return max(1, _consistency(sample, delimiter).fields)


class _Consistency(NamedTuple):
    """How well a delimiter fits; the first that differs counts. `share` of records with the commonest number of
    `fields` above one, 0 where there is none; not `parts`: it stands within numbers only, as a decimal comma does.
    """

    share: float
    parts: bool
    fields: int


def _consistency(sample: str, delimiter: str) -> _Consistency:
    counts: Counter[int] = Counter()
    first: dict[int, list[str]] = {}
    for record in _records(sample, delimiter):
        if any(record):
            counts[len(record)] += 1
            first.setdefault(len(record), record)
    several = {fields: times for fields, times in counts.items() if fields > 1}
    if not several:
        return _Consistency(0.0, parts=False, fields=0)
    fields, times = max(several.items(), key=lambda item: (item[1], item[0]))
    share = times / counts.total()
    # A decimal comma cuts some cells of some rows; the true delimiter cuts nearly all rows alike, the header too:
    # of records that decimal commas cut, already the first is cut within numbers.
    parts = delimiter != "," or not all(_within_number(*ends) for ends in pairwise(first[fields]))
    return _Consistency(round(share, 1) if share < 0.9 else 0.9, parts, fields)


def _within_number(left: str, right: str) -> bool:
    return left[-1:].isdigit() and right[:1].isdigit()


def _records(sample: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue


def read_sample(path: Path, encoding: Encoding) -> str:
    """The beginning of the file up to its last complete line."""
    with encoding.open(path) as file:
        sample = file.read(_SAMPLE_BYTES)
    cut = sample.rfind("\n")
    return sample if len(sample) < _SAMPLE_BYTES or cut < 0 else sample[: cut + 1]
