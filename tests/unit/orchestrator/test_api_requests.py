"""What the gateway makes of requests before any database: cursors, bodies, multipart, versions."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caravan_orchestrator.api.answers import check_match, digest_tag, etag
from caravan_orchestrator.api.multipart import FilePart
from caravan_orchestrator.api.pages import chosen, decode_cursor, encode_cursor, page, words
from caravan_orchestrator.api.problems import Problem
from caravan_orchestrator.api.sealing import Seal
from caravan_orchestrator.api.shapes.bodies import storable
from caravan_orchestrator.domain.errors import Refused
from caravan_orchestrator.store.reads.events import Position
from caravan_orchestrator.store.reads.lineage import place_of


def test_a_cursor_gives_back_what_it_was_made_of() -> None:
    id_ = uuid4()
    assert decode_cursor("list", encode_cursor("list", ["ä", id_, 7]), str, UUID, int) == ["ä", id_, 7]
    assert decode_cursor("list", None, str) is None


def test_a_cursor_tells_nobody_what_it_was_made_of_and_no_other_gateway_takes_it() -> None:
    cursor = encode_cursor("assets", ["ada@example.org"])
    read = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert b"ada" not in read
    assert b"assets" not in read
    mine, other = Seal(b"a"), Seal(b"b")
    assert mine.open(mine.close(b"ada")) == b"ada"
    changed = bytearray(base64.urlsafe_b64decode(mine.close(b"ada") + "=="))
    changed[-1] ^= 1
    for forged in (other.close(b"ada"), base64.urlsafe_b64encode(changed).decode()):
        with pytest.raises(ValueError, match="not sealed here"):
            mine.open(forged)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_cursors(text: str) -> None:
    with pytest.raises(Problem) as caught:
        decode_cursor("list", text, UUID)
    assert caught.value.code == "invalid_cursor"


def test_a_page_ends_with_its_last_row_or_names_the_next() -> None:
    assert page("list", [1, 2], 2, lambda row: [row]) == {"items": [1, 2], "next_cursor": None}
    more = page("list", [1, 2, 3], 2, lambda row: [row])
    assert more["items"] == [1, 2]
    assert decode_cursor("list", more["next_cursor"], int) == [2]


def test_fields_keep_our_order_and_the_id() -> None:
    assert chosen("c, a", ("id", "a", "b", "c")) == ("id", "a", "c")
    assert chosen(None, ("id", "a")) == ("id", "a")
    with pytest.raises(Problem, match="'x'"):
        chosen("x", ("id",))


def test_a_search_is_a_few_lower_case_words() -> None:
    assert words("  Web-01 HARBOUR ") == ("web-01", "harbour")
    assert len(words("a b c d e f g")) == 5
    assert words(None) == ()


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=20)
)
def test_whatever_is_called_storable_can_be_written_as_json(value: Any) -> None:
    import orjson

    if storable(value):
        assert b"\\u0000" not in orjson.dumps(value)


@pytest.mark.parametrize(
    "value", ["a\0b", "\ud800", 2**63, float("inf"), float("nan"), {"k\0": 1}, [["x\0"]]]
)
def test_what_can_not_be_stored_is_known(value: Any) -> None:
    assert not storable(value)


def test_depth_has_an_end() -> None:
    value: Any = 1
    for _ in range(40):
        value = [value]
    assert not storable(value)


def test_a_version_matches_itself_any_of_several_or_everything() -> None:
    for given_ in (None, "*", '"7"', '"6", "7"', 'W/"7"'):
        check_match(given_, 7)
    for other in ('"8"', "7", '""'):
        with pytest.raises(Refused):
            check_match(other, 7)
    assert etag(7) == '"7"'
    assert digest_tag({"a": 1, "b": 2}) == digest_tag({"b": 2, "a": 1}) != digest_tag({"a": 1, "b": 3})


def test_a_reference_to_a_row_is_taken_apart_from_its_end() -> None:
    assert place_of("fleet#2.xlsx#vInfo#12") == ("fleet#2.xlsx", "vInfo", 12)
    assert place_of("list.csv##3") == ("list.csv", "", 3)
    assert place_of("rvtools:1:2") is None
    assert place_of("a#b#c") is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_event_positions(text: str) -> None:
    found = Position.parse(text)
    assert found is None or Position.parse(str(found)) is not None


def test_a_position_is_read_as_it_was_written() -> None:
    for position in (Position("8:9:8", "10:12:10,11", uuid4()), Position("8:9:", None, uuid4())):
        assert Position.parse(str(position)) == position


async def parts(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@given(st.binary(max_size=300), st.integers(min_value=1, max_value=50))
async def test_a_file_is_the_same_however_its_body_is_cut(content: bytes, size: int) -> None:
    content = content.replace(b"--b", b"")
    body = b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
    body += b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    part = FilePart("multipart/form-data; boundary=b", parts(body + content + b"\r\n--b--\r\n", size), 1000)
    read = b"".join([chunk async for chunk in part])
    assert (read, part.name, part.media_type) == (content, "a.csv", "text/csv")
