"""Bodies about plans: edits of waves, treatments that people choose."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from caravan_orchestrator.api.shapes.bodies import Body, Reason

Application = Annotated[
    str, Field(min_length=1, max_length=2000, description="natural key, as the plan has it")
]
Wave = Annotated[int, Field(ge=1, le=10_000, description="number of a wave in the plan")]


class Move(Body):
    """Put an application into a wave."""

    application: Application
    wave: Wave


class Lock(Body):
    """Keep an application in a wave at every later solve; `locked` false frees it."""

    application: Application
    wave: Wave | None = Field(default=None, description="where it is now, when absent")
    locked: bool = True


class Split(Body):
    """Cut a wave in two: these applications go into a new one after it."""

    wave: Wave
    applications: list[Application] = Field(min_length=1, max_length=10_000)
    starts: date | None = Field(default=None, description="first day of the new wave; its middle when absent")


class Redate(Body):
    """New dates of a wave, or the day before which an application may not move."""

    wave: Wave | None = None
    application: Application | None = None
    starts: date | None = None
    ends: date | None = None
    not_before: date | None = None

    @model_validator(mode="after")
    def _names_one(self) -> "Redate":
        if (self.wave is None) == (self.application is None):
            raise ValueError("name either a wave, with starts and ends, or an application, with not_before")
        return self


class Merge(Body):
    """Make one wave of two neighbours."""

    waves: list[Wave] = Field(min_length=2, max_length=2)


class Edit(Body):
    """Exactly one of them."""

    move: Move | None = None
    lock: Lock | None = None
    split: Split | None = None
    date: Redate | None = None
    merge: Merge | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Edit":
        if len(self.model_fields_set) != 1 or next(iter(self.asked().values()), None) is None:
            raise ValueError("give exactly one of move, lock, split, date, merge")
        return self

    def asked(self) -> dict[str, object]:
        """As the service is given it."""
        return self.model_dump(mode="json", exclude_unset=True)


class CheckEdits(Body):
    edits: list[Edit] = Field(min_length=1, max_length=1000, description="carried out in this order")


class DiscardEdit(Body):
    edit_id: UUID


class AcceptEdit(DiscardEdit):
    reason: Reason = None


class ComparePlans(Body):
    with_: UUID = Field(alias="with", description="the other version")


class RestorePlan(Body):
    reason: Reason = None


class SetTreatment(Body):
    treatment: Literal[
        "rehost", "replatform", "refactor", "rearchitect", "rewrite", "replace", "retire", "retain"
    ]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    learn: bool = Field(default=True, description="later runs of this client take it in")
