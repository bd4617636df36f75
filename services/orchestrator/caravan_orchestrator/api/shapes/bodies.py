"""Bodies that clients send. Unknown fields are refused: a misspelt one must not be ignored in silence."""

import math
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_INTEGERS = range(-(2**63), 2**63)
_DEEPEST = 32

Words = Annotated[str, Field(min_length=1, max_length=300)]
Reason = Annotated[str | None, Field(max_length=2000, description="kept with the decision and in the audit")]


def storable(value: Any, depth: int = 0) -> bool:
    """Whether PostgreSQL's JSON can hold it: no NUL, no half characters, no integers beyond 64 bits."""
    match value:
        case str():
            return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
        case int():
            return value in _INTEGERS
        case float():
            return math.isfinite(value)
        case dict():
            inner = [*value.keys(), *value.values()]
            return depth < _DEEPEST and all(storable(content, depth + 1) for content in inner)
        case list():
            return depth < _DEEPEST and all(storable(content, depth + 1) for content in value)
        case _:
            return True


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _can_be_stored(cls, value: Any) -> Any:
        if not storable(value):
            raise ValueError("holds NUL or broken characters, a number beyond 64 bits, or too many levels")
        return value


class Settings(BaseModel):
    """What every flow type understands; further keys are the flow type's own."""

    model_config = ConfigDict(extra="allow")

    as_of: date | None = Field(
        default=None, description="the day the flow is computed for; today when absent"
    )
    lease_seconds: float | None = Field(default=None, ge=1, le=3600)
    budget_tokens: int | None = Field(
        default=None,
        ge=0,
        description="what a flow's crews may spend in all, each flow of a chain for itself; else as the platform says",
    )
    budget_usd: float | None = Field(default=None, ge=0, description="the same in money")
    phase_budgets: dict[str, int] | None = Field(
        default=None, description="tokens of single phases, within those of the flow"
    )

    def stored(self) -> dict[str, Any]:
        return {name: value for name, value in self.model_dump(mode="json").items() if value is not None}


class Configuration(Settings):
    uploads: list[UUID] = Field(default=[], max_length=1000, description="upload_ids")
    through: str | None = Field(
        default=None,
        max_length=100,
        description="the flow type through which flows follow one another by themselves; this flow alone when absent",
    )


class CreateFlow(Body):
    flow_type: Words
    name: Words
    description: str | None = Field(default=None, max_length=4000)
    configuration: Configuration = Configuration()
    parent_flow_id: None = Field(default=None, description="flows grow out of others by handoff only")
    auto_advance: bool = True
    auto_accept: bool = Field(default=False, description="recommendations stand without asking")
    engagement_id: UUID | None = None


class Scope(Body):
    """What the chain is about; everything when empty. Either key takes names or natural keys of both kinds."""

    assets: list[Words] = Field(default=[], max_length=100_000)
    applications: list[Words] = Field(default=[], max_length=100_000)


class StartChain(Body):
    name: Words
    uploads: list[UUID] = Field(default=[], max_length=1000, description="upload_ids")
    through: Words = Field(description="the last flow type to run")
    auto_accept: bool = Field(default=False, description="recommendations stand without asking")
    scope: Scope | None = None
    flow_type: Words = Field(default="discovery", description="the first flow type")
    configuration: Settings = Field(
        default=Settings(),
        description="further settings, for every flow of the chain; each has the whole budget",
    )
    engagement_id: UUID | None = None


class RequestHandoff(Body):
    target_flow_type: Words | None = Field(
        default=None, description="the one that the flow's definition names next when absent"
    )


class CancelFlow(Body):
    reason: Reason = None


class SkipPhase(Body):
    reason: Reason = None


class AnswerQuestion(Body):
    option: Words
    reason: Reason = None
    learn: bool = Field(default=True, description="later runs of this client take it in")


class DecideApproval(Body):
    comment: Reason = None


class PatchAsset(Body):
    set: dict[str, Any] = Field(
        min_length=1, max_length=50, description='attribute → value, "16 GB" too; null is unknown'
    )
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class AssetFilter(Body):
    """As of GET /assets; empty: the whole estate."""

    asset_type: list[str] = Field(default=[], max_length=50)
    environment: list[str] = Field(default=[], max_length=50)
    operating_system: list[str] = Field(default=[], max_length=50)
    business_criticality: list[str] = Field(default=[], max_length=50)
    location: list[str] = Field(default=[], max_length=50)
    treatment: list[str] = Field(default=[], max_length=50)
    wave: list[str] = Field(default=[], max_length=50)
    target_type: list[str] = Field(default=[], max_length=50)
    is_target: bool | None = None
    not_target_reason: list[str] = Field(default=[], max_length=50)
    q: str | None = Field(default=None, max_length=200)


class SetAssets(Body):
    """Exactly one of `ids` and `filter`; and either `preview`, or the digest that a preview answered."""

    ids: list[UUID] | None = Field(default=None, min_length=1, max_length=10_000)
    filter: AssetFilter | None = None
    estate: UUID | None = Field(
        default=None, description="with `filter`: its root flow; the current one when absent"
    )
    set: dict[str, Any] = Field(
        min_length=1, max_length=50, description='attribute → value, "16 GB" too; null is unknown'
    )
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    preview: bool = Field(default=False, description="say what would be done, and do nothing")
    digest: str | None = Field(
        default=None, max_length=100, description="of the preview: that very plan, or 409"
    )

    @model_validator(mode="after")
    def _says_what_and_how(self) -> "SetAssets":
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give exactly one of ids and filter")
        if self.ids is not None and self.estate is not None:
            raise ValueError("ids say which estate; leave estate out")
        if self.preview == (self.digest is not None):
            raise ValueError("ask with preview true first, then send the digest it answers")
        return self


class CorrectMapping(Body):
    """Which column, by key or by place; and what it means."""

    key: str | None = Field(default=None, max_length=2000, description="as GET answers it")
    file: str | None = Field(default=None, max_length=1000)
    sheet: str = Field(default="", max_length=300)
    column: str | None = Field(default=None, max_length=1000)
    attribute: str | None = Field(max_length=100, description="null: nothing canonical, kept as custom")
    unit: str | None = Field(
        default=None, max_length=30, description="as GB, MHz, percent, in any spelling; else by the header"
    )

    @model_validator(mode="after")
    def _names_a_column(self) -> "CorrectMapping":
        if (self.key is None) == (self.file is None or self.column is None):
            raise ValueError("name the column by key, or by file, sheet and column")
        return self


class CorrectMappings(Body):
    mappings: list[CorrectMapping] = Field(min_length=1, max_length=1000)
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    learn: bool = Field(default=True, description="later runs of this client take it in")


class ResolveConflict(Body):
    """Exactly one of `value` and `source`. `winner` is an older name of `value`."""

    value: str | None = Field(
        default=None,
        max_length=10_000,
        description="one of the values found, as text",
    )
    source: str | None = Field(
        default=None, max_length=1000, description="one of the conflict's sources: its value is to stand"
    )
    reason: Reason = None

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, body: Any) -> Any:
        if isinstance(body, dict) and "winner" in body and "value" not in body:
            return {"value" if name == "winner" else name: given for name, given in body.items()}
        return body

    @model_validator(mode="after")
    def _chooses_once(self) -> "ResolveConflict":
        if (self.value is None) == (self.source is None):
            raise ValueError("give exactly one of value and source")
        return self


class ChooseEstate(Body):
    flow_id: UUID = Field(description="the estate's root flow")


class PlanRollback(Body):
    kind: Literal["phase", "flow", "cascade", "selective"]
    phase: str | None = Field(default=None, max_length=100)
    keys: list[str] | None = Field(
        default=None, max_length=100_000, description="selective: whose rows go back"
    )
    before: UUID | None = Field(
        default=None,
        description="selective: the attempt whose rows they get; that of the version before when absent",
    )

    @field_validator("phase")
    @classmethod
    def _not_empty(cls, phase: str | None) -> str | None:
        return phase or None

    @model_validator(mode="after")
    def _keys_are_of_a_phase(self) -> "PlanRollback":
        """Keys that were ignored would let a whole phase be rolled back where a few rows were meant."""
        if self.kind == "selective" and not (self.phase and self.keys):
            raise ValueError("a selective rollback needs phase and keys")
        if self.kind != "selective" and (self.keys or self.before):
            raise ValueError("keys and before go with kind selective only")
        return self


class StartRollback(PlanRollback):
    digest: Words
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    accept_irreversible: list[str] = Field(default=[], max_length=10_000)


class ReplayDeadLetters(Body):
    """One of the two, or neither for all."""

    ids: list[UUID] | None = Field(default=None, max_length=10_000)
    error_group: str | None = Field(default=None, max_length=500)


class ReplaceReferenceTable(Body):
    rows: dict[Annotated[str, Field(min_length=1, max_length=300)], str] = Field(
        min_length=1, max_length=20_000, description="facts by key"
    )
