from enum import StrEnum


class CreateServiceAccountRolesItem(StrEnum):
    OPERATOR = "operator"
    VIEWER = "viewer"

    def __str__(self) -> str:
        return str(self.value)
