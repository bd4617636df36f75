from enum import StrEnum


class ListDeadLettersStatusType0(StrEnum):
    DISCARDED = "discarded"
    PARKED = "parked"
    REPLAYED = "replayed"

    def __str__(self) -> str:
        return str(self.value)
