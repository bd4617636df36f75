"""What shapes have in common: an object of known members, a page, a problem."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class View(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Page(View, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = Field(description="give it back as ?cursor=; null on the last page")


class ProblemView(View):
    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="stable; docs/errors.md")
    pointer: str | None = Field(description="JSON pointer into the body")
    trace_id: str
    errors: list[dict[str, Any]] = []
    cascade: dict[str, Any] | None = Field(
        default=None,
        description="with has_children: kind, phase, digest, flows and parts of the rollback to ask for instead",
    )
    unknown: list[str] | None = Field(
        default=None,
        description="with unknown_keys: the keys that no version has rows of",
    )
