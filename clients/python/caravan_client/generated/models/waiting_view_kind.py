from enum import StrEnum


class WaitingViewKind(StrEnum):
    APPROVAL = "approval"
    FAILED = "failed"
    HANDOFF = "handoff"
    PHASE = "phase"
    QUESTION = "question"
    ROLLBACK = "rollback"
    STALE = "stale"

    def __str__(self) -> str:
        return str(self.value)
