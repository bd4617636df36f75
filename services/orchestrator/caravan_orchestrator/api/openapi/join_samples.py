"""What the examples in the OpenAPI document say of records of one asset that were joined."""

from typing import Any

FIELDS: dict[str, Any] = {
    "RecordView.source": "rvtools:1",
    "RecordView.format": "rvtools",
    "RecordView.source_key": "423e0b1c-2a3d-4e5f-8899-aabbccddeeff",
    "JoinView.source": "servicenow:1",
    "JoinView.kind": "fqdn",
    "JoinView.values": "web-01.harbour.example",
    "JoinView.question": None,
    "JoinView.advice": None,
    "JoinView.decision": None,
    "AdviceView.advice": "same",
}
