from enum import StrEnum


class ListFlowQuestionsStatusType0(StrEnum):
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    OPEN = "open"
    WITHDRAWN = "withdrawn"

    def __str__(self) -> str:
        return str(self.value)
