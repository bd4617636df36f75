from enum import StrEnum


class ServiceAccountViewRolesItem(StrEnum):
    OPERATOR = "operator"
    VIEWER = "viewer"

    def __str__(self) -> str:
        return str(self.value)
