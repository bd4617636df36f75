from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.accept_edit import AcceptEdit
from ...models.plan_decided_view import PlanDecidedView
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    version: UUID,
    *,
    body: AcceptEdit,
    engagement: None | Unset | UUID = UNSET,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

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
        "url": "/api/v1/wave-plans/{version}/edits:accept".format(
            version=quote(str(version), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PlanDecidedView | ProblemView | None:
    if response.status_code == 202:
        response_202 = PlanDecidedView.from_dict(response.json())

        return response_202

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

    if response.status_code == 412:
        response_412 = ProblemView.from_dict(response.json())

        return response_412

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
) -> Response[PlanDecidedView | ProblemView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    version: UUID,
    *,
    client: AuthenticatedClient,
    body: AcceptEdit,
    engagement: None | Unset | UUID = UNSET,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[PlanDecidedView | ProblemView]:
    """Let edits stand

     A human decision, with the violations it was told of. The phase runs at once: the next version holds
    the edits,
    and later runs keep them. `refresh` says what shows the plan as it was, the roadmap for one, and how
    it is taken in.
    Withdrawn when the phase is rolled back.

    Args:
        version (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (AcceptEdit):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PlanDecidedView | ProblemView]
    """

    kwargs = _get_kwargs(
        version=version,
        body=body,
        engagement=engagement,
        if_match=if_match,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    version: UUID,
    *,
    client: AuthenticatedClient,
    body: AcceptEdit,
    engagement: None | Unset | UUID = UNSET,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> PlanDecidedView | ProblemView | None:
    """Let edits stand

     A human decision, with the violations it was told of. The phase runs at once: the next version holds
    the edits,
    and later runs keep them. `refresh` says what shows the plan as it was, the roadmap for one, and how
    it is taken in.
    Withdrawn when the phase is rolled back.

    Args:
        version (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (AcceptEdit):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PlanDecidedView | ProblemView
    """

    return sync_detailed(
        version=version,
        client=client,
        body=body,
        engagement=engagement,
        if_match=if_match,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    version: UUID,
    *,
    client: AuthenticatedClient,
    body: AcceptEdit,
    engagement: None | Unset | UUID = UNSET,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[PlanDecidedView | ProblemView]:
    """Let edits stand

     A human decision, with the violations it was told of. The phase runs at once: the next version holds
    the edits,
    and later runs keep them. `refresh` says what shows the plan as it was, the roadmap for one, and how
    it is taken in.
    Withdrawn when the phase is rolled back.

    Args:
        version (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (AcceptEdit):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PlanDecidedView | ProblemView]
    """

    kwargs = _get_kwargs(
        version=version,
        body=body,
        engagement=engagement,
        if_match=if_match,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    version: UUID,
    *,
    client: AuthenticatedClient,
    body: AcceptEdit,
    engagement: None | Unset | UUID = UNSET,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> PlanDecidedView | ProblemView | None:
    """Let edits stand

     A human decision, with the violations it was told of. The phase runs at once: the next version holds
    the edits,
    and later runs keep them. `refresh` says what shows the plan as it was, the roadmap for one, and how
    it is taken in.
    Withdrawn when the phase is rolled back.

    Args:
        version (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (AcceptEdit):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PlanDecidedView | ProblemView
    """

    return (
        await asyncio_detailed(
            version=version,
            client=client,
            body=body,
            engagement=engagement,
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
    ).parsed
