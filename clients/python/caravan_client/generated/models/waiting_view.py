from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.waiting_view_kind import WaitingViewKind

if TYPE_CHECKING:
    from ..models.action_view import ActionView
    from ..models.flow_name_view import FlowNameView
    from ..models.waiting_view_error_type_0 import WaitingViewErrorType0
    from ..models.waiting_view_facts_type_0 import WaitingViewFactsType0
    from ..models.waiting_view_options_type_0_item import WaitingViewOptionsType0Item


T = TypeVar("T", bound="WaitingView")


@_attrs_define
class WaitingView:
    """`question`: answer it. `approval`: approve or reject it. `failed`: the flow failed. `rollback`: an undo or the
    proof failed. `phase`: the next phase runs when a person executes it. `stale`: something was decided since.
    `handoff`: a completed flow could not be handed over, and nobody has tried again.

        Attributes:
            id (UUID): of the question, approval or handoff, else of the flow
            kind (WaitingViewKind):
            engagement_id (UUID):
            flow (FlowNameView):
            phase (None | str):
            subject (str):
            text (str): what there is to do
            since (datetime.datetime):
            blocking (bool | None): of a question: the flow goes no further without an answer
            options (list[WaitingViewOptionsType0Item] | None):
            recommendation (None | str):
            facts (None | WaitingViewFactsType0):
            requested_by (None | str):
            error (None | WaitingViewErrorType0): of the phase or handoff that failed
            actions (list[ActionView]):
    """

    id: UUID
    kind: WaitingViewKind
    engagement_id: UUID
    flow: FlowNameView
    phase: None | str
    subject: str
    text: str
    since: datetime.datetime
    blocking: bool | None
    options: list[WaitingViewOptionsType0Item] | None
    recommendation: None | str
    facts: None | WaitingViewFactsType0
    requested_by: None | str
    error: None | WaitingViewErrorType0
    actions: list[ActionView]

    def to_dict(self) -> dict[str, Any]:
        from ..models.waiting_view_error_type_0 import WaitingViewErrorType0  # noqa: PLC0415
        from ..models.waiting_view_facts_type_0 import WaitingViewFactsType0  # noqa: PLC0415

        id = str(self.id)

        kind = self.kind.value

        engagement_id = str(self.engagement_id)

        flow = self.flow.to_dict()

        phase: None | str
        phase = self.phase

        subject = self.subject

        text = self.text

        since = self.since.isoformat()

        blocking: bool | None
        blocking = self.blocking

        options: list[dict[str, Any]] | None
        if isinstance(self.options, list):
            options = []
            for options_type_0_item_data in self.options:
                options_type_0_item = options_type_0_item_data.to_dict()
                options.append(options_type_0_item)

        else:
            options = self.options

        recommendation: None | str
        recommendation = self.recommendation

        facts: dict[str, Any] | None
        if isinstance(self.facts, WaitingViewFactsType0):
            facts = self.facts.to_dict()
        else:
            facts = self.facts

        requested_by: None | str
        requested_by = self.requested_by

        error: dict[str, Any] | None
        if isinstance(self.error, WaitingViewErrorType0):
            error = self.error.to_dict()
        else:
            error = self.error

        actions = []
        for actions_item_data in self.actions:
            actions_item = actions_item_data.to_dict()
            actions.append(actions_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "engagement_id": engagement_id,
                "flow": flow,
                "phase": phase,
                "subject": subject,
                "text": text,
                "since": since,
                "blocking": blocking,
                "options": options,
                "recommendation": recommendation,
                "facts": facts,
                "requested_by": requested_by,
                "error": error,
                "actions": actions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.action_view import ActionView  # noqa: PLC0415
        from ..models.flow_name_view import FlowNameView  # noqa: PLC0415
        from ..models.waiting_view_error_type_0 import WaitingViewErrorType0  # noqa: PLC0415
        from ..models.waiting_view_facts_type_0 import WaitingViewFactsType0  # noqa: PLC0415
        from ..models.waiting_view_options_type_0_item import (
            WaitingViewOptionsType0Item,  # noqa: PLC0415
        )

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        kind = WaitingViewKind(d.pop("kind"))

        engagement_id = UUID(d.pop("engagement_id"))

        flow = FlowNameView.from_dict(d.pop("flow"))

        def _parse_phase(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        phase = _parse_phase(d.pop("phase"))

        subject = d.pop("subject")

        text = d.pop("text")

        since = datetime.datetime.fromisoformat(d.pop("since"))

        def _parse_blocking(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        blocking = _parse_blocking(d.pop("blocking"))

        def _parse_options(data: object) -> list[WaitingViewOptionsType0Item] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                options_type_0 = []
                _options_type_0 = data
                for options_type_0_item_data in _options_type_0:
                    options_type_0_item = WaitingViewOptionsType0Item.from_dict(options_type_0_item_data)

                    options_type_0.append(options_type_0_item)

                return options_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[WaitingViewOptionsType0Item] | None, data)

        options = _parse_options(d.pop("options"))

        def _parse_recommendation(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        recommendation = _parse_recommendation(d.pop("recommendation"))

        def _parse_facts(data: object) -> None | WaitingViewFactsType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                facts_type_0 = WaitingViewFactsType0.from_dict(data)

                return facts_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WaitingViewFactsType0, data)

        facts = _parse_facts(d.pop("facts"))

        def _parse_requested_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        requested_by = _parse_requested_by(d.pop("requested_by"))

        def _parse_error(data: object) -> None | WaitingViewErrorType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = WaitingViewErrorType0.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WaitingViewErrorType0, data)

        error = _parse_error(d.pop("error"))

        actions = []
        _actions = d.pop("actions")
        for actions_item_data in _actions:
            actions_item = ActionView.from_dict(actions_item_data)

            actions.append(actions_item)

        waiting_view = cls(
            id=id,
            kind=kind,
            engagement_id=engagement_id,
            flow=flow,
            phase=phase,
            subject=subject,
            text=text,
            since=since,
            blocking=blocking,
            options=options,
            recommendation=recommendation,
            facts=facts,
            requested_by=requested_by,
            error=error,
            actions=actions,
        )

        return waiting_view
