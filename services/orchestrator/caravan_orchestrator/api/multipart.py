"""One file out of a multipart body, as it comes in: nothing is gathered in memory or on disk."""

from collections.abc import AsyncIterator
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from caravan_orchestrator.api.problems import Problem

_LONGEST_NAME = 255


class FilePart:
    """Iterate it to the end; then `name` is what the client called the file (untrusted) and `media_type` its type."""

    def __init__(self, content_type: str, chunks: AsyncIterator[bytes], most: int) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            detail = "Send multipart/form-data with one file."
            raise Problem(
                "unsupported_media_type", detail, status=415, headers={"Accept": "multipart/form-data"}
            )
        self.name: str | None = None
        self.media_type: str | None = None
        self._chunks, self._most, self._size = chunks, most, 0
        self._parts: list[bytes] = []
        self._header, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._in_file, self._complete = False, False
        try:
            self._parser = MultipartParser(options[b"boundary"], self._callbacks())
        except FormParserError as error:
            raise _malformed(error) from error

    def _callbacks(self) -> Any:
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._add_field,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_content,
            "on_part_data": self._add_content,
            "on_end": self._end,
        }

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Raises Problem: malformed, more than one file or none, or larger than allowed."""
        async for chunk in self._chunks:
            if not chunk:
                continue
            try:
                self._parser.write(chunk)
            except FormParserError as error:
                raise _malformed(error) from error
            parts, self._parts = self._parts, []
            if parts:
                content = b"".join(parts)
                self._size += len(content)
                if self._size > self._most:
                    raise Problem("too_large", f"The file is larger than {self._most:,} bytes.", status=413)
                yield content
        if not self._complete:
            raise _malformed("it ends too early")
        if self.name is None:
            raise Problem(
                "no_file", "The body holds no file; name the part `file`.", status=422, pointer="/file"
            )

    def _add_field(self, content: bytes, start: int, end: int) -> None:
        self._header += content[start:end]

    def _add_value(self, content: bytes, start: int, end: int) -> None:
        self._value += content[start:end]

    def _end_header(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def _begin_content(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._in_file = b"filename" in options
        if not self._in_file:
            return
        if self.name is not None:
            raise Problem("one_file", "Send one file per upload.", status=422, pointer="/file")
        self.name = _plain(options[b"filename"])
        media_type = self._headers.get(b"content-type")
        self.media_type = None if media_type is None else _plain(media_type)

    def _add_content(self, content: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._parts.append(content[start:end])

    def _end(self) -> None:
        self._complete = True


def _plain(raw: bytes) -> str:
    """Text without control characters, of a length that people can read."""
    text = "".join(character for character in raw.decode("utf-8", "replace") if character.isprintable())
    return text[:_LONGEST_NAME].strip() or "upload"


def _malformed(reason: object) -> Problem:
    return Problem("malformed_multipart", f"The multipart body can't be read: {reason}.", status=400)
