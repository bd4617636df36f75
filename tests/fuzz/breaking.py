"""Ways to break a file, each a function of its bytes and a random generator. Equal seeds break files alike."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from random import Random

Break = Callable[[bytes, Random], bytes]
_EDITS = 12


def flip_bytes(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(1, _EDITS)):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def overwrite(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    length = random.randint(1, 400)
    return data[:start] + random.randbytes(length) + data[start + length :]


def truncate(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(1, len(data) + 1)]


def cut_out(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    return data[:start] + data[start + random.randint(1, max(1, len(data) // 4)) :] or b"x"


def repeat_a_part(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    part = data[start : start + random.randint(1, 5_000)]
    return data[:start] + part * random.randint(2, 200) + data[start:]


def append_itself(data: bytes, random: Random) -> bytes:
    return data + data


def insert_nulls(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    return data[:start] + b"\x00" * random.randint(1, 4_000) + data[start:]


def shuffle_columns(data: bytes, random: Random) -> bytes:
    """Each line gets an order of its own, as when cells were pasted one beside the other."""
    mark = random.choice([b",", b";", b"\t"])
    lines = data.split(b"\n")
    for position in range(random.randrange(2), len(lines)):
        cells = lines[position].split(mark)
        random.shuffle(cells)
        lines[position] = mark.join(cells)
    return b"\n".join(lines)


def shuffle_lines(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    random.shuffle(lines)
    return b"\n".join(lines)


def mix_encodings(data: bytes, random: Random) -> bytes:
    lines = data.decode("utf-8", "replace").split("\n")
    mixed = [
        f"{line}Zürich-Ö €".encode(
            random.choice(["utf-8", "cp1252", "cp850", "utf-16-le", "shift_jis"]), "replace"
        )
        for line in lines
    ]
    return b"\n".join(mixed)


def recode(data: bytes, random: Random) -> bytes:
    encoding = random.choice(["utf-16", "utf-16-be", "utf-32", "utf-7", "cp037", "cp1251", "utf-8-sig"])
    return data.decode("utf-8", "replace").encode(encoding, "replace")


def change_delimiters(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    for position in range(len(lines)):
        if random.random() < 0.3:
            lines[position] = lines[position].replace(b",", random.choice([b";", b"\t", b"|", b",,", b""]))
    return b"\n".join(lines)


def open_quotes(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    for position in range(len(lines)):
        if random.random() < 0.3:
            lines[position] = lines[position].replace(b",", random.choice([b',"', b'"",', b',"x"y,"']), 1)
    return b"\n".join(lines)


def old_line_ends(data: bytes, random: Random) -> bytes:
    return data.replace(b"\n", random.choice([b"\r", b"\r\r\n", b"\x0b", b" ", b"\n\n\n"]))


def put_formulas(data: bytes, random: Random) -> bytes:
    formula = random.choice([b"=1+1", b"=cmd|'/c calc'!A1", b"@SUM(A1)", b"+49", b"-2+3", b"#REF!", b'="x"'])
    lines = data.split(b"\n")
    for position in range(1, len(lines)):
        cells = lines[position].split(b",")
        cells[random.randrange(len(cells))] = formula
        lines[position] = b",".join(cells)
    return b"\n".join(lines)


def put_a_huge_cell(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    return data[:start] + random.choice([b"x", b'"', b"a b ", "ß".encode()]) * 300_000 + data[start:]


def put_many_columns(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    lines[random.randrange(len(lines))] += random.choice([b",", b";x"]) * random.choice([500, 5_000, 500_000])
    return b"\n".join(lines)


def put_blank_lines(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    lines[random.randrange(len(lines))] += b"\n" * random.choice([1, 300, 60_000, 1_500_000])
    return b"\n".join(lines)


def nest_json(data: bytes, random: Random) -> bytes:
    depth = random.choice([50, 400, 5_000, 100_000])
    opening, closing = random.choice([(b"[", b"]"), (b'{"a":', b"}")])
    value = opening * depth + b"1" + closing * depth
    return random.choice([value, b'[{"hostname":"web-01","notes":' + value + b"}]"])


def strange_json(data: bytes, random: Random) -> bytes:
    value = random.choice(
        [
            b'"\\ud800"',
            b"1" * 5_000,
            b"NaN",
            b"-Infinity",
            b'"\\u0000"',
            b"[1,[2,[3]]]",
            b'{"":{"":1}}',
            b"null",
        ]
    )
    return b'[{"hostname":"web-01","cpus":' + value + b'},7,null,"x",{"hostname":"web-02"}]'


def wrap_in_archives(data: bytes, random: Random) -> bytes:
    """The file in a zip in a zip."""
    for depth in range(random.randint(1, 4)):
        data = _zip({f"inner-{depth}.xlsx": data})
    return data


def break_a_part(data: bytes, random: Random) -> bytes:
    """One part of a workbook is damaged before it is packed, so that the archive itself stays sound."""
    parts = _parts(data)
    name = random.choice(sorted(parts))
    parts[name] = random.choice([flip_bytes, truncate, cut_out, overwrite, repeat_a_part])(
        parts[name] or b"x", random
    )
    return _zip(parts)


def drop_a_part(data: bytes, random: Random) -> bytes:
    parts = _parts(data)
    del parts[random.choice(sorted(parts))]
    return _zip(parts)


def forge_places(data: bytes, random: Random) -> bytes:
    """Cells and sizes that lie."""
    place = random.choice(
        [b"XFD1048576", b"A1048576", b"ZZZZZZ99999999999", b"A0", b"1", b"", b"A-1", b"R1C1"]
    )
    parts = _parts(data)
    for name in parts:
        if "sheet" in name or name == "content.xml":
            parts[name] = re.sub(
                rb'r="[A-Z]+\d+"', b'r="' + place + b'"', parts[name], count=random.randint(1, 3)
            )
            parts[name] = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', parts[name])
            parts[name] = re.sub(rb'repeated="\d+"', b'repeated="999999999"', parts[name])
    return _zip(parts)


def declare_entities(data: bytes, random: Random) -> bytes:
    """Billion laughs."""
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9)
    ) + b"]>"  # fmt: skip
    parts = _parts(data)
    for name in parts:
        if name.endswith(".xml") and random.random() < 0.5:
            parts[name] = re.sub(rb"\?>", lambda _: b"?>" + laughs, parts[name], count=1)
    return random.choice([_zip(parts), b'<?xml version="1.0"?>' + laughs + b"<x>&j;</x>"])


def put_a_bomb(data: bytes, random: Random) -> bytes:
    parts = _parts(data)
    parts[random.choice(["xl/worksheets/sheet1.xml", "xl/media/image1.png"])] = b"<c " * (40 << 20)
    return _zip(parts)


def lie_about_sizes(data: bytes, random: Random) -> bytes:
    """Lengths and checksums in the archive's index."""
    changed = bytearray(data)
    for match in re.finditer(rb"PK\x01\x02", data):
        if random.random() < 0.5:
            changed[match.start() + random.randrange(8, 46)] ^= 0xFF
    return bytes(changed)


def repack_deflated(data: bytes, random: Random) -> bytes:
    return random.choice(
        [b"\x1f\x8b\x08" + zlib.compress(data), b"%PDF-1.7\n" + data, b"<html><table>" + data]
    )


def _parts(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook; of any other file one part, as if it were one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError):
        return {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": data}


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


ANY: tuple[Break, ...] = (
    flip_bytes, overwrite, truncate, cut_out, repeat_a_part, append_itself, insert_nulls, wrap_in_archives,
    repack_deflated, put_a_huge_cell,
)  # fmt: skip
TEXT: tuple[Break, ...] = (
    shuffle_columns, shuffle_lines, mix_encodings, recode, change_delimiters, open_quotes, old_line_ends,
    put_formulas, put_many_columns, put_blank_lines,
)  # fmt: skip
JSON: tuple[Break, ...] = (nest_json, strange_json)
ARCHIVE: tuple[Break, ...] = (
    break_a_part, break_a_part, break_a_part, drop_a_part, forge_places, declare_entities, put_a_bomb,
    lie_about_sizes,
)  # fmt: skip


def break_file(name: str, data: bytes, random: Random) -> tuple[bytes, str]:
    """The broken file, and the names of what was done to it: one to three things that fit its kind."""
    kinds = list(ANY)
    if name.endswith((".xlsx", ".ods")):
        kinds += ARCHIVE
    elif not name.endswith(".parquet"):
        kinds += TEXT
    if "json" in name:
        kinds += JSON * 3
    done = []
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        chosen = random.choice(kinds)
        data = chosen(data, random) or b"x"
        done.append(chosen.__name__)
    return data, "+".join(done)
