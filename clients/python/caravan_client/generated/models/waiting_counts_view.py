from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="WaitingCountsView")


@_attrs_define
class WaitingCountsView:
    """
    Attributes:
        question (int):
        blocking (int): of the questions, those that hold up their flow
        approval (int):
        failed (int):
        rollback (int):
        phase (int):
        stale (int):
        handoff (int):
        total (int):
    """

    question: int
    blocking: int
    approval: int
    failed: int
    rollback: int
    phase: int
    stale: int
    handoff: int
    total: int

    def to_dict(self) -> dict[str, Any]:
        question = self.question

        blocking = self.blocking

        approval = self.approval

        failed = self.failed

        rollback = self.rollback

        phase = self.phase

        stale = self.stale

        handoff = self.handoff

        total = self.total

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "question": question,
                "blocking": blocking,
                "approval": approval,
                "failed": failed,
                "rollback": rollback,
                "phase": phase,
                "stale": stale,
                "handoff": handoff,
                "total": total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        question = d.pop("question")

        blocking = d.pop("blocking")

        approval = d.pop("approval")

        failed = d.pop("failed")

        rollback = d.pop("rollback")

        phase = d.pop("phase")

        stale = d.pop("stale")

        handoff = d.pop("handoff")

        total = d.pop("total")

        waiting_counts_view = cls(
            question=question,
            blocking=blocking,
            approval=approval,
            failed=failed,
            rollback=rollback,
            phase=phase,
            stale=stale,
            handoff=handoff,
            total=total,
        )

        return waiting_counts_view
