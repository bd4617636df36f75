"""Server-sent events, line by line as the HTML standard has them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """`id` is where to go on after it; `data` is the CloudEvent, None where the stream only said where it is."""

    id: str
    type: str
    data: dict[str, Any] | None


def read_events(lines: Iterable[str], last_id: str = "") -> Iterator[Event]:
    fields: dict[str, list[str]] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
            continue
        last_id = fields.get("id", [last_id])[-1]
        data = "\n".join(fields.get("data", ()))
        if fields.get("id") or data:
            yield Event(last_id, fields.get("event", ["message"])[-1], json.loads(data) if data else None)
        fields = {}
