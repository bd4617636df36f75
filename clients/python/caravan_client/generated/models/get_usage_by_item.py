from enum import StrEnum


class GetUsageByItem(StrEnum):
    DAY = "day"
    FLOW = "flow"
    MODEL = "model"
    PHASE = "phase"
    PROMPT_VERSION = "prompt_version"

    def __str__(self) -> str:
        return str(self.value)
