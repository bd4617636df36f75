import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.analytics_view import AnalyticsView
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    flow_type: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    days: int | Unset = 30,
    engagement: None | Unset | UUID = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_flow_type: None | str | Unset
    if isinstance(flow_type, Unset):
        json_flow_type = UNSET
    else:
        json_flow_type = flow_type
    params["flow_type"] = json_flow_type

    json_since: None | str | Unset
    if isinstance(since, Unset):
        json_since = UNSET
    elif isinstance(since, datetime.datetime):
        json_since = since.isoformat()
    else:
        json_since = since
    params["since"] = json_since

    json_until: None | str | Unset
    if isinstance(until, Unset):
        json_until = UNSET
    elif isinstance(until, datetime.datetime):
        json_until = until.isoformat()
    else:
        json_until = until
    params["until"] = json_until

    params["days"] = days

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
        "url": "/api/v1/analytics",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> AnalyticsView | ProblemView | None:
    if response.status_code == 200:
        response_200 = AnalyticsView.from_dict(response.json())

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


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[AnalyticsView | ProblemView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    flow_type: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    days: int | Unset = 30,
    engagement: None | Unset | UUID = UNSET,
) -> Response[AnalyticsView | ProblemView]:
    """Say how an engagement's flows go

     By flow type and phase: attempts, retries, durations, who decided; by day: what was done; and what
    crews have
    spent. Deleted flows are left out.

    Args:
        flow_type (None | str | Unset):
        since (datetime.datetime | None | Unset): flows created at or after; UTC without an offset
        until (datetime.datetime | None | Unset): flows created before
        days (int | Unset): how many days of throughput at most Default: 30.
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AnalyticsView | ProblemView]
    """

    kwargs = _get_kwargs(
        flow_type=flow_type,
        since=since,
        until=until,
        days=days,
        engagement=engagement,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    flow_type: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    days: int | Unset = 30,
    engagement: None | Unset | UUID = UNSET,
) -> AnalyticsView | ProblemView | None:
    """Say how an engagement's flows go

     By flow type and phase: attempts, retries, durations, who decided; by day: what was done; and what
    crews have
    spent. Deleted flows are left out.

    Args:
        flow_type (None | str | Unset):
        since (datetime.datetime | None | Unset): flows created at or after; UTC without an offset
        until (datetime.datetime | None | Unset): flows created before
        days (int | Unset): how many days of throughput at most Default: 30.
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AnalyticsView | ProblemView
    """

    return sync_detailed(
        client=client,
        flow_type=flow_type,
        since=since,
        until=until,
        days=days,
        engagement=engagement,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    flow_type: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    days: int | Unset = 30,
    engagement: None | Unset | UUID = UNSET,
) -> Response[AnalyticsView | ProblemView]:
    """Say how an engagement's flows go

     By flow type and phase: attempts, retries, durations, who decided; by day: what was done; and what
    crews have
    spent. Deleted flows are left out.

    Args:
        flow_type (None | str | Unset):
        since (datetime.datetime | None | Unset): flows created at or after; UTC without an offset
        until (datetime.datetime | None | Unset): flows created before
        days (int | Unset): how many days of throughput at most Default: 30.
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AnalyticsView | ProblemView]
    """

    kwargs = _get_kwargs(
        flow_type=flow_type,
        since=since,
        until=until,
        days=days,
        engagement=engagement,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    flow_type: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    days: int | Unset = 30,
    engagement: None | Unset | UUID = UNSET,
) -> AnalyticsView | ProblemView | None:
    """Say how an engagement's flows go

     By flow type and phase: attempts, retries, durations, who decided; by day: what was done; and what
    crews have
    spent. Deleted flows are left out.

    Args:
        flow_type (None | str | Unset):
        since (datetime.datetime | None | Unset): flows created at or after; UTC without an offset
        until (datetime.datetime | None | Unset): flows created before
        days (int | Unset): how many days of throughput at most Default: 30.
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AnalyticsView | ProblemView
    """

    return (
        await asyncio_detailed(
            client=client,
            flow_type=flow_type,
            since=since,
            until=until,
            days=days,
            engagement=engagement,
        )
    ).parsed
