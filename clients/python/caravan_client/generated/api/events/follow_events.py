from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    flow: None | Unset | UUID = UNSET,
    types: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
    last_event_id: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["last-event-id"] = last_event_id

    params: dict[str, Any] = {}

    json_flow: None | str | Unset
    if isinstance(flow, Unset):
        json_flow = UNSET
    elif isinstance(flow, UUID):
        json_flow = str(flow)
    else:
        json_flow = flow
    params["flow"] = json_flow

    json_types: None | str | Unset
    if isinstance(types, Unset):
        json_types = UNSET
    else:
        json_types = types
    params["types"] = json_types

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
        "method": "get",
        "url": "/api/v1/events",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | ProblemView | None:
    if response.status_code == 200:
        response_200 = cast(Any, None)
        return response_200

    if response.status_code == 401:
        response_401 = ProblemView.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = ProblemView.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = ProblemView.from_dict(response.json())

        return response_404

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Any | ProblemView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    flow: None | Unset | UUID = UNSET,
    types: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
    last_event_id: None | str | Unset = UNSET,
) -> Response[Any | ProblemView]:
    """Follow events

     From now on, or after Last-Event-ID; none is missed and none comes twice. It ends with the token,
    the membership
    or the gateway. What tells of persons is shown to operators and admins.

    Args:
        flow (None | Unset | UUID): of this flow only
        types (None | str | Unset): caravan.flow.completed,…
        engagement (None | Unset | UUID): needed when the token names several
        last_event_id (None | str | Unset): of the event seen last

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ProblemView]
    """

    kwargs = _get_kwargs(
        flow=flow,
        types=types,
        engagement=engagement,
        last_event_id=last_event_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    flow: None | Unset | UUID = UNSET,
    types: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
    last_event_id: None | str | Unset = UNSET,
) -> Any | ProblemView | None:
    """Follow events

     From now on, or after Last-Event-ID; none is missed and none comes twice. It ends with the token,
    the membership
    or the gateway. What tells of persons is shown to operators and admins.

    Args:
        flow (None | Unset | UUID): of this flow only
        types (None | str | Unset): caravan.flow.completed,…
        engagement (None | Unset | UUID): needed when the token names several
        last_event_id (None | str | Unset): of the event seen last

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ProblemView
    """

    return sync_detailed(
        client=client,
        flow=flow,
        types=types,
        engagement=engagement,
        last_event_id=last_event_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    flow: None | Unset | UUID = UNSET,
    types: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
    last_event_id: None | str | Unset = UNSET,
) -> Response[Any | ProblemView]:
    """Follow events

     From now on, or after Last-Event-ID; none is missed and none comes twice. It ends with the token,
    the membership
    or the gateway. What tells of persons is shown to operators and admins.

    Args:
        flow (None | Unset | UUID): of this flow only
        types (None | str | Unset): caravan.flow.completed,…
        engagement (None | Unset | UUID): needed when the token names several
        last_event_id (None | str | Unset): of the event seen last

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ProblemView]
    """

    kwargs = _get_kwargs(
        flow=flow,
        types=types,
        engagement=engagement,
        last_event_id=last_event_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    flow: None | Unset | UUID = UNSET,
    types: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
    last_event_id: None | str | Unset = UNSET,
) -> Any | ProblemView | None:
    """Follow events

     From now on, or after Last-Event-ID; none is missed and none comes twice. It ends with the token,
    the membership
    or the gateway. What tells of persons is shown to operators and admins.

    Args:
        flow (None | Unset | UUID): of this flow only
        types (None | str | Unset): caravan.flow.completed,…
        engagement (None | Unset | UUID): needed when the token names several
        last_event_id (None | str | Unset): of the event seen last

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ProblemView
    """

    return (
        await asyncio_detailed(
            client=client,
            flow=flow,
            types=types,
            engagement=engagement,
            last_event_id=last_event_id,
        )
    ).parsed
