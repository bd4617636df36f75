from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.question_view_facts import QuestionViewFacts
    from ..models.question_view_options_item import QuestionViewOptionsItem


T = TypeVar("T", bound="QuestionView")


@_attrs_define
class QuestionView:
    """
    Attributes:
        id (UUID):
        flow_id (UUID):
        phase (str):
        key (str):
        subject (str):
        text (str):
        options (list[QuestionViewOptionsItem]):
        recommendation (str):
        facts (QuestionViewFacts):
        blocking (bool):
        status (str):
        answer (None | str):
        created_at (datetime.datetime):
        answered_at (datetime.datetime | None):
    """

    id: UUID
    flow_id: UUID
    phase: str
    key: str
    subject: str
    text: str
    options: list[QuestionViewOptionsItem]
    recommendation: str
    facts: QuestionViewFacts
    blocking: bool
    status: str
    answer: None | str
    created_at: datetime.datetime
    answered_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        flow_id = str(self.flow_id)

        phase = self.phase

        key = self.key

        subject = self.subject

        text = self.text

        options = []
        for options_item_data in self.options:
            options_item = options_item_data.to_dict()
            options.append(options_item)

        recommendation = self.recommendation

        facts = self.facts.to_dict()

        blocking = self.blocking

        status = self.status

        answer: None | str
        answer = self.answer

        created_at = self.created_at.isoformat()

        answered_at: None | str
        if isinstance(self.answered_at, datetime.datetime):
            answered_at = self.answered_at.isoformat()
        else:
            answered_at = self.answered_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "flow_id": flow_id,
                "phase": phase,
                "key": key,
                "subject": subject,
                "text": text,
                "options": options,
                "recommendation": recommendation,
                "facts": facts,
                "blocking": blocking,
                "status": status,
                "answer": answer,
                "created_at": created_at,
                "answered_at": answered_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.question_view_facts import QuestionViewFacts  # noqa: PLC0415
        from ..models.question_view_options_item import QuestionViewOptionsItem  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        flow_id = UUID(d.pop("flow_id"))

        phase = d.pop("phase")

        key = d.pop("key")

        subject = d.pop("subject")

        text = d.pop("text")

        options = []
        _options = d.pop("options")
        for options_item_data in _options:
            options_item = QuestionViewOptionsItem.from_dict(options_item_data)

            options.append(options_item)

        recommendation = d.pop("recommendation")

        facts = QuestionViewFacts.from_dict(d.pop("facts"))

        blocking = d.pop("blocking")

        status = d.pop("status")

        def _parse_answer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        answer = _parse_answer(d.pop("answer"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_answered_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answered_at_type_0 = datetime.datetime.fromisoformat(data)

                return answered_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        answered_at = _parse_answered_at(d.pop("answered_at"))

        question_view = cls(
            id=id,
            flow_id=flow_id,
            phase=phase,
            key=key,
            subject=subject,
            text=text,
            options=options,
            recommendation=recommendation,
            facts=facts,
            blocking=blocking,
            status=status,
            answer=answer,
            created_at=created_at,
            answered_at=answered_at,
        )

        return question_view
