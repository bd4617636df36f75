"""Bodies and answers of administration."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from caravan_orchestrator.api.shapes.base import View
from caravan_orchestrator.api.shapes.bodies import Body, Words

MemberRole = Literal["viewer", "operator", "approver", "admin"]
MachineRole = Literal["viewer", "operator"]
Limit = Annotated[int | None, Field(ge=0, lt=2**63)]


class CreateClient(Body):
    name: Words
    engagement: Words = Field(default="main", description="name of its first engagement")


class CreateEngagement(Body):
    name: Words


class AddMember(Body):
    subject: Words = Field(description="the `sub` of the tokens")
    display_name: Words | None = None
    roles: list[MemberRole] = Field(max_length=4, description="none: may do nothing, whatever the token says")
    expires_at: AwareDatetime | None = Field(default=None, description="null: never")


class ChangeMember(Body):
    """What is named is changed."""

    roles: list[MemberRole] = Field(default=[], max_length=4)
    expires_at: AwareDatetime | None = Field(default=None, description="null: never")


class SetQuotas(Body):
    """What is named is set; null takes a limit away."""

    flows_running: Limit = Field(default=None, description="flows that may run at the same time")
    upload_bytes: Limit = Field(default=None, description="of all files delivered")
    llm_tokens: Limit = Field(default=None, description="of models in a month of UTC")


class CreateServiceAccount(Body):
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.@-]+$")]
    roles: list[MachineRole] = Field(min_length=1, max_length=2)
    expires_at: AwareDatetime = Field(description="at most a year from now")


class QuotasView(View):
    flows_running: int | None
    upload_bytes: int | None
    llm_tokens: int | None


class ClientView(View):
    id: UUID
    name: str
    quotas: QuotasView
    created_at: datetime


class NewClientView(ClientView):
    engagement_id: UUID


class EngagementView(View):
    id: UUID
    name: str
    current_estate_id: UUID | None
    created_at: datetime


class EngagementsView(View):
    items: list[EngagementView]


class MemberView(View):
    id: UUID
    subject: str
    display_name: str | None
    roles: list[MemberRole]
    expires_at: datetime | None
    created_at: datetime


class ClientQuotasView(View):
    client_id: UUID
    quotas: QuotasView
    used: QuotasView


class ServiceAccountView(View):
    id: UUID
    name: str
    roles: list[MachineRole]
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_by: str
    created_at: datetime


class NewServiceAccountView(ServiceAccountView):
    key: str | None = Field(description="a bearer token, shown once; null when the request is repeated")
