from enum import StrEnum


class FlowStatus(StrEnum):
    ACTIVE = "active"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    DRAFT = "draft"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    ROLLING_BACK = "rolling_back"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
