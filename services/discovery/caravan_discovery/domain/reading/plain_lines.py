"""Lines that are records of their own, cut into columns at once: what Python's csv module reads, without its lists.

Only lines of which both readers make the same are taken: without a quote, or with quotes around whole fields.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl


@dataclass(frozen=True)
class PlainLines:
    """`text` without line ends; `fields` is the number of fields of each, null where a quote makes a line odd.

    `odd` are the records of such lines, in their order.
    """

    text: pl.Series
    fields: pl.Series
    delimiter: str
    odd: Sequence[list[str]] = ()

    def __len__(self) -> int:
        return len(self.text)

    def skip(self, lines: int) -> "PlainLines":
        """Without the first lines."""
        passed = self.fields.head(lines).null_count()
        return replace(self, text=self.text[lines:], fields=self.fields[lines:], odd=self.odd[passed:])

    def widest(self) -> int:
        """The largest number of fields; 0 where all lines are odd."""
        most = self.fields.max()
        return most if isinstance(most, int) else 0

    def records(self, where: pl.Series) -> Iterator[list[str]]:
        """The lines marked one by one; the odd ones are all among them."""
        odd = iter(self.odd)
        plain = csv.reader(self.text.filter(where & self.fields.is_not_null()), delimiter=self.delimiter)
        for is_odd in self.fields.filter(where).is_null():
            yield next(odd if is_odd else plain)

    def blank(self) -> pl.Series:
        """Lines without any character in any field. Odd ones are not looked at."""
        # No blank field is longer than two quotes and a delimiter: hardly a line is looked at.
        short = (self.text.str.len_bytes() <= 3 * self.fields).fill_null(value=False)
        bare = self.text.filter(short).str.replace_all('""', "", literal=True).str.strip_chars(self.delimiter)
        return short.scatter(short.arg_true(), bare.str.len_bytes() == 0)

    def cells(self, where: pl.Series, width: int) -> pl.DataFrame | None:
        """c0… of the lines marked, all of so many fields; blank cells may be null.

        None where both readers were not of one mind.
        """
        lines = self.text.filter(where)
        schema = {f"c{index}": pl.String() for index in range(width)}
        if lines.is_empty():
            return pl.DataFrame(schema=schema)
        frame = pl.read_csv(
            "\n".join(lines).encode(),
            has_header=False,
            schema=schema,
            separator=self.delimiter,
        )
        return frame if frame.height == len(lines) else None


def part_fields(lines: Sequence[str], delimiter: str) -> PlainLines | None:
    """Null where the delimiter is none that a column reader takes."""
    if len(delimiter.encode()) != 1 or delimiter in '"\r\n\x00':
        return None
    text = pl.Series("line", lines, dtype=pl.String).str.strip_chars_end("\r\n")
    fields = text.str.count_matches(delimiter, literal=True) + 1
    quoted = text.str.contains('"', literal=True)
    if quoted.any():
        fields = fields.scatter(quoted.arg_true(), _fields_of_quoted(text.filter(quoted), delimiter))
    long = text.str.len_bytes() > csv.field_size_limit()
    if long.any():
        fields = fields.scatter(long.arg_true(), None)
    return PlainLines(text, fields, delimiter)


def _fields_of_quoted(lines: pl.Series, delimiter: str) -> pl.Series:
    """Null unless each quote begins or ends a field, and none stands within one."""
    byte = f"\\x{ord(delimiter):02x}"
    field = f'(?:"[^"]*"|[^"{byte}]*)'
    unquoted = pl.col("line").str.replace_all(r'"[^"]*"', "").str.count_matches(delimiter, literal=True) + 1
    plain = pl.col("line").str.contains(f"^{field}(?:{byte}{field})*$")
    return lines.to_frame("line").select(pl.when(plain).then(unquoted)).to_series()
