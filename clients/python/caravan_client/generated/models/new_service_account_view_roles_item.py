from enum import StrEnum


class NewServiceAccountViewRolesItem(StrEnum):
    OPERATOR = "operator"
    VIEWER = "viewer"

    def __str__(self) -> str:
        return str(self.value)
