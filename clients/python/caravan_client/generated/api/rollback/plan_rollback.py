from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.plan_rollback import PlanRollback
from ...models.problem_view import ProblemView
from ...models.rollback_plan_view import RollbackPlanView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    flow_id: UUID,
    *,
    body: PlanRollback,
    engagement: None | Unset | UUID = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    json_engagement: None | str | Unset
    if isinstance(engagement, Unset):
        json_engagement = UNSET
    elif isinstance(engagement, UUID):
        json_engagement = str(engagement)
    else:
        json_engagement = engagement
    params["engagement"] = json_engagement

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/flows/{flow_id}/rollbacks:plan".format(
            flow_id=quote(str(flow_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ProblemView | RollbackPlanView | None:
    if response.status_code == 200:
        response_200 = RollbackPlanView.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ProblemView.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ProblemView.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = ProblemView.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = ProblemView.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = ProblemView.from_dict(response.json())

        return response_409

    if response.status_code == 410:
        response_410 = ProblemView.from_dict(response.json())

        return response_410

    if response.status_code == 413:
        response_413 = ProblemView.from_dict(response.json())

        return response_413

    if response.status_code == 422:
        response_422 = ProblemView.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = ProblemView.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = ProblemView.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = ProblemView.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ProblemView | RollbackPlanView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    flow_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PlanRollback,
    engagement: None | Unset | UUID = UNSET,
) -> Response[ProblemView | RollbackPlanView]:
    """Show what a rollback would do

     The exact closure. Nothing changes; the digest is what POST …/rollbacks takes.

    409 `has_children` when other flows have grown from this one: its `cascade` says which, and what to
    ask for.
    A selective one says row by row what goes back; what tells of persons is shown to operators and
    admins.

    Args:
        flow_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        body (PlanRollback):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | RollbackPlanView]
    """

    kwargs = _get_kwargs(
        flow_id=flow_id,
        body=body,
        engagement=engagement,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    flow_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PlanRollback,
    engagement: None | Unset | UUID = UNSET,
) -> ProblemView | RollbackPlanView | None:
    """Show what a rollback would do

     The exact closure. Nothing changes; the digest is what POST …/rollbacks takes.

    409 `has_children` when other flows have grown from this one: its `cascade` says which, and what to
    ask for.
    A selective one says row by row what goes back; what tells of persons is shown to operators and
    admins.

    Args:
        flow_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        body (PlanRollback):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | RollbackPlanView
    """

    return sync_detailed(
        flow_id=flow_id,
        client=client,
        body=body,
        engagement=engagement,
    ).parsed


async def asyncio_detailed(
    flow_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PlanRollback,
    engagement: None | Unset | UUID = UNSET,
) -> Response[ProblemView | RollbackPlanView]:
    """Show what a rollback would do

     The exact closure. Nothing changes; the digest is what POST …/rollbacks takes.

    409 `has_children` when other flows have grown from this one: its `cascade` says which, and what to
    ask for.
    A selective one says row by row what goes back; what tells of persons is shown to operators and
    admins.

    Args:
        flow_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        body (PlanRollback):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | RollbackPlanView]
    """

    kwargs = _get_kwargs(
        flow_id=flow_id,
        body=body,
        engagement=engagement,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    flow_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PlanRollback,
    engagement: None | Unset | UUID = UNSET,
) -> ProblemView | RollbackPlanView | None:
    """Show what a rollback would do

     The exact closure. Nothing changes; the digest is what POST …/rollbacks takes.

    409 `has_children` when other flows have grown from this one: its `cascade` says which, and what to
    ask for.
    A selective one says row by row what goes back; what tells of persons is shown to operators and
    admins.

    Args:
        flow_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        body (PlanRollback):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | RollbackPlanView
    """

    return (
        await asyncio_detailed(
            flow_id=flow_id,
            client=client,
            body=body,
            engagement=engagement,
        )
    ).parsed
