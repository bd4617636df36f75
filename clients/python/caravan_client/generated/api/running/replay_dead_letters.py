from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem_view import ProblemView
from ...models.replay_dead_letters import ReplayDeadLetters
from ...models.replayed_view import ReplayedView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: ReplayDeadLetters,
    engagement: None | Unset | UUID = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
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
        "url": "/api/v1/dead-letters:replay",
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ProblemView | ReplayedView | None:
    if response.status_code == 200:
        response_200 = ReplayedView.from_dict(response.json())

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
) -> Response[ProblemView | ReplayedView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ReplayDeadLetters,
    engagement: None | Unset | UUID = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[ProblemView | ReplayedView]:
    """Replay parked messages

     A reply is handled again; a command becomes a retry of its flow under a new epoch.

    Args:
        engagement (None | Unset | UUID): needed when the token names several
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ReplayDeadLetters): One of the two, or neither for all.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | ReplayedView]
    """

    kwargs = _get_kwargs(
        body=body,
        engagement=engagement,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: ReplayDeadLetters,
    engagement: None | Unset | UUID = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> ProblemView | ReplayedView | None:
    """Replay parked messages

     A reply is handled again; a command becomes a retry of its flow under a new epoch.

    Args:
        engagement (None | Unset | UUID): needed when the token names several
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ReplayDeadLetters): One of the two, or neither for all.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | ReplayedView
    """

    return sync_detailed(
        client=client,
        body=body,
        engagement=engagement,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ReplayDeadLetters,
    engagement: None | Unset | UUID = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[ProblemView | ReplayedView]:
    """Replay parked messages

     A reply is handled again; a command becomes a retry of its flow under a new epoch.

    Args:
        engagement (None | Unset | UUID): needed when the token names several
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ReplayDeadLetters): One of the two, or neither for all.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | ReplayedView]
    """

    kwargs = _get_kwargs(
        body=body,
        engagement=engagement,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ReplayDeadLetters,
    engagement: None | Unset | UUID = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> ProblemView | ReplayedView | None:
    """Replay parked messages

     A reply is handled again; a command becomes a retry of its flow under a new epoch.

    Args:
        engagement (None | Unset | UUID): needed when the token names several
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ReplayDeadLetters): One of the two, or neither for all.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | ReplayedView
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            engagement=engagement,
            idempotency_key=idempotency_key,
        )
    ).parsed
