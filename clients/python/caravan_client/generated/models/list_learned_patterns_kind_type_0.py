from enum import StrEnum


class ListLearnedPatternsKindType0(StrEnum):
    APPLICATION = "application"
    MAPPING = "mapping"
    PRODUCT = "product"
    TREATMENT = "treatment"

    def __str__(self) -> str:
        return str(self.value)
