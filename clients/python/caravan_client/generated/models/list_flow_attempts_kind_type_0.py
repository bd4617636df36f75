from enum import StrEnum


class ListFlowAttemptsKindType0(StrEnum):
    COMPENSATE = "compensate"
    EDIT = "edit"
    EXECUTE = "execute"
    HANDOFF = "handoff"
    SELECTIVE = "selective"
    UNIT = "unit"

    def __str__(self) -> str:
        return str(self.value)
