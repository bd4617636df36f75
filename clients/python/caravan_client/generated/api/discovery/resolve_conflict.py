from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem_view import ProblemView
from ...models.resolve_conflict import ResolveConflict
from ...models.resolved_view import ResolvedView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    conflict_id: UUID,
    *,
    body: ResolveConflict,
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
        "url": "/api/v1/conflicts/{conflict_id}/resolve".format(
            conflict_id=quote(str(conflict_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ProblemView | ResolvedView | None:
    if response.status_code == 200:
        response_200 = ResolvedView.from_dict(response.json())

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
) -> Response[ProblemView | ResolvedView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    conflict_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ResolveConflict,
    engagement: None | Unset | UUID = UNSET,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[ProblemView | ResolvedView]:
    """Choose the winner of a conflict

     A human decision: one of the values found, or the value of one of its sources, wins over every rule.
    What
    depends on it becomes stale. A conflict has its id from the result it stands in, as soon as that is
    indexed.

    Args:
        conflict_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ResolveConflict): Exactly one of `value` and `source`. `winner` is an older name of
            `value`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | ResolvedView]
    """

    kwargs = _get_kwargs(
        conflict_id=conflict_id,
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
    conflict_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ResolveConflict,
    engagement: None | Unset | UUID = UNSET,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> ProblemView | ResolvedView | None:
    """Choose the winner of a conflict

     A human decision: one of the values found, or the value of one of its sources, wins over every rule.
    What
    depends on it becomes stale. A conflict has its id from the result it stands in, as soon as that is
    indexed.

    Args:
        conflict_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ResolveConflict): Exactly one of `value` and `source`. `winner` is an older name of
            `value`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | ResolvedView
    """

    return sync_detailed(
        conflict_id=conflict_id,
        client=client,
        body=body,
        engagement=engagement,
        if_match=if_match,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    conflict_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ResolveConflict,
    engagement: None | Unset | UUID = UNSET,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[ProblemView | ResolvedView]:
    """Choose the winner of a conflict

     A human decision: one of the values found, or the value of one of its sources, wins over every rule.
    What
    depends on it becomes stale. A conflict has its id from the result it stands in, as soon as that is
    indexed.

    Args:
        conflict_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ResolveConflict): Exactly one of `value` and `source`. `winner` is an older name of
            `value`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | ResolvedView]
    """

    kwargs = _get_kwargs(
        conflict_id=conflict_id,
        body=body,
        engagement=engagement,
        if_match=if_match,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    conflict_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ResolveConflict,
    engagement: None | Unset | UUID = UNSET,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> ProblemView | ResolvedView | None:
    """Choose the winner of a conflict

     A human decision: one of the values found, or the value of one of its sources, wins over every rule.
    What
    depends on it becomes stale. A conflict has its id from the result it stands in, as soon as that is
    indexed.

    Args:
        conflict_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ResolveConflict): Exactly one of `value` and `source`. `winner` is an older name of
            `value`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | ResolvedView
    """

    return (
        await asyncio_detailed(
            conflict_id=conflict_id,
            client=client,
            body=body,
            engagement=engagement,
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
    ).parsed
