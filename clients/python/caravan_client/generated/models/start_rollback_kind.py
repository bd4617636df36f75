from enum import StrEnum


class StartRollbackKind(StrEnum):
    CASCADE = "cascade"
    FLOW = "flow"
    PHASE = "phase"
    SELECTIVE = "selective"

    def __str__(self) -> str:
        return str(self.value)
