import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.get_usage_by_item import GetUsageByItem
from ...models.problem_view import ProblemView
from ...models.usage_view import UsageView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    by: list[GetUsageByItem] | Unset = UNSET,
    flow: None | Unset | UUID = UNSET,
    phase: None | str | Unset = UNSET,
    model: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_by: list[str] | Unset = UNSET
    if not isinstance(by, Unset):
        json_by = []
        for by_item_data in by:
            by_item = by_item_data.value
            json_by.append(by_item)

    params["by"] = json_by

    json_flow: None | str | Unset
    if isinstance(flow, Unset):
        json_flow = UNSET
    elif isinstance(flow, UUID):
        json_flow = str(flow)
    else:
        json_flow = flow
    params["flow"] = json_flow

    json_phase: None | str | Unset
    if isinstance(phase, Unset):
        json_phase = UNSET
    else:
        json_phase = phase
    params["phase"] = json_phase

    json_model: None | str | Unset
    if isinstance(model, Unset):
        json_model = UNSET
    else:
        json_model = model
    params["model"] = json_model

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

    params["limit"] = limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

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
        "url": "/api/v1/usage",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ProblemView | UsageView | None:
    if response.status_code == 200:
        response_200 = UsageView.from_dict(response.json())

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
) -> Response[ProblemView | UsageView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    by: list[GetUsageByItem] | Unset = UNSET,
    flow: None | Unset | UUID = UNSET,
    phase: None | str | Unset = UNSET,
    model: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> Response[ProblemView | UsageView]:
    """Say what crews have spent

     Of every run, also of those whose result was not taken. The offline model makes calls and spends
    nothing.

    Args:
        by (list[GetUsageByItem] | Unset): what to add up by; model when absent
        flow (None | Unset | UUID): of this flow only
        phase (None | str | Unset):
        model (None | str | Unset):
        since (datetime.datetime | None | Unset): reported at or after; UTC without an offset
        until (datetime.datetime | None | Unset): reported before
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | UsageView]
    """

    kwargs = _get_kwargs(
        by=by,
        flow=flow,
        phase=phase,
        model=model,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor,
        engagement=engagement,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    by: list[GetUsageByItem] | Unset = UNSET,
    flow: None | Unset | UUID = UNSET,
    phase: None | str | Unset = UNSET,
    model: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> ProblemView | UsageView | None:
    """Say what crews have spent

     Of every run, also of those whose result was not taken. The offline model makes calls and spends
    nothing.

    Args:
        by (list[GetUsageByItem] | Unset): what to add up by; model when absent
        flow (None | Unset | UUID): of this flow only
        phase (None | str | Unset):
        model (None | str | Unset):
        since (datetime.datetime | None | Unset): reported at or after; UTC without an offset
        until (datetime.datetime | None | Unset): reported before
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | UsageView
    """

    return sync_detailed(
        client=client,
        by=by,
        flow=flow,
        phase=phase,
        model=model,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor,
        engagement=engagement,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    by: list[GetUsageByItem] | Unset = UNSET,
    flow: None | Unset | UUID = UNSET,
    phase: None | str | Unset = UNSET,
    model: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> Response[ProblemView | UsageView]:
    """Say what crews have spent

     Of every run, also of those whose result was not taken. The offline model makes calls and spends
    nothing.

    Args:
        by (list[GetUsageByItem] | Unset): what to add up by; model when absent
        flow (None | Unset | UUID): of this flow only
        phase (None | str | Unset):
        model (None | str | Unset):
        since (datetime.datetime | None | Unset): reported at or after; UTC without an offset
        until (datetime.datetime | None | Unset): reported before
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | UsageView]
    """

    kwargs = _get_kwargs(
        by=by,
        flow=flow,
        phase=phase,
        model=model,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor,
        engagement=engagement,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    by: list[GetUsageByItem] | Unset = UNSET,
    flow: None | Unset | UUID = UNSET,
    phase: None | str | Unset = UNSET,
    model: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> ProblemView | UsageView | None:
    """Say what crews have spent

     Of every run, also of those whose result was not taken. The offline model makes calls and spends
    nothing.

    Args:
        by (list[GetUsageByItem] | Unset): what to add up by; model when absent
        flow (None | Unset | UUID): of this flow only
        phase (None | str | Unset):
        model (None | str | Unset):
        since (datetime.datetime | None | Unset): reported at or after; UTC without an offset
        until (datetime.datetime | None | Unset): reported before
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | UsageView
    """

    return (
        await asyncio_detailed(
            client=client,
            by=by,
            flow=flow,
            phase=phase,
            model=model,
            since=since,
            until=until,
            limit=limit,
            cursor=cursor,
            engagement=engagement,
        )
    ).parsed
