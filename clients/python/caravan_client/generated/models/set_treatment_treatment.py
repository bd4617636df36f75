from enum import StrEnum


class SetTreatmentTreatment(StrEnum):
    REARCHITECT = "rearchitect"
    REFACTOR = "refactor"
    REHOST = "rehost"
    REPLACE = "replace"
    REPLATFORM = "replatform"
    RETAIN = "retain"
    RETIRE = "retire"
    REWRITE = "rewrite"

    def __str__(self) -> str:
        return str(self.value)
