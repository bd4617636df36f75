from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem_view import ProblemView
from ...models.result_rows_view import ResultRowsView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    flow: None | Unset | UUID = UNSET,
    engagement: None | Unset | UUID = UNSET,
    q: None | str | Unset = UNSET,
    fields: None | str | Unset = UNSET,
    sort: None | str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_flow: None | str | Unset
    if isinstance(flow, Unset):
        json_flow = UNSET
    elif isinstance(flow, UUID):
        json_flow = str(flow)
    else:
        json_flow = flow
    params["flow"] = json_flow

    json_engagement: None | str | Unset
    if isinstance(engagement, Unset):
        json_engagement = UNSET
    elif isinstance(engagement, UUID):
        json_engagement = str(engagement)
    else:
        json_engagement = engagement
    params["engagement"] = json_engagement

    json_q: None | str | Unset
    if isinstance(q, Unset):
        json_q = UNSET
    else:
        json_q = q
    params["q"] = json_q

    json_fields: None | str | Unset
    if isinstance(fields, Unset):
        json_fields = UNSET
    else:
        json_fields = fields
    params["fields"] = json_fields

    json_sort: None | str | Unset
    if isinstance(sort, Unset):
        json_sort = UNSET
    else:
        json_sort = sort
    params["sort"] = json_sort

    params["limit"] = limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/targets",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ProblemView | ResultRowsView | None:
    if response.status_code == 200:
        response_200 = ResultRowsView.from_dict(response.json())

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

    if response.status_code == 410:
        response_410 = ProblemView.from_dict(response.json())

        return response_410

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
) -> Response[ProblemView | ResultRowsView]:
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
    engagement: None | Unset | UUID = UNSET,
    q: None | str | Unset = UNSET,
    fields: None | str | Unset = UNSET,
    sort: None | str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
) -> Response[ProblemView | ResultRowsView]:
    """List the target of each asset

     Columns as in the export `targets`; unknown is null, never 0.

    Args:
        flow (None | Unset | UUID): the newest on the current estate that has such rows, when
            absent
        engagement (None | Unset | UUID): needed when the token names several
        q (None | str | Unset): beginnings of words
        fields (None | str | Unset): names to answer with, comma-separated; id always
        sort (None | str | Unset): a column, with a minus for the largest first
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | ResultRowsView]
    """

    kwargs = _get_kwargs(
        flow=flow,
        engagement=engagement,
        q=q,
        fields=fields,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    flow: None | Unset | UUID = UNSET,
    engagement: None | Unset | UUID = UNSET,
    q: None | str | Unset = UNSET,
    fields: None | str | Unset = UNSET,
    sort: None | str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
) -> ProblemView | ResultRowsView | None:
    """List the target of each asset

     Columns as in the export `targets`; unknown is null, never 0.

    Args:
        flow (None | Unset | UUID): the newest on the current estate that has such rows, when
            absent
        engagement (None | Unset | UUID): needed when the token names several
        q (None | str | Unset): beginnings of words
        fields (None | str | Unset): names to answer with, comma-separated; id always
        sort (None | str | Unset): a column, with a minus for the largest first
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | ResultRowsView
    """

    return sync_detailed(
        client=client,
        flow=flow,
        engagement=engagement,
        q=q,
        fields=fields,
        sort=sort,
        limit=limit,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    flow: None | Unset | UUID = UNSET,
    engagement: None | Unset | UUID = UNSET,
    q: None | str | Unset = UNSET,
    fields: None | str | Unset = UNSET,
    sort: None | str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
) -> Response[ProblemView | ResultRowsView]:
    """List the target of each asset

     Columns as in the export `targets`; unknown is null, never 0.

    Args:
        flow (None | Unset | UUID): the newest on the current estate that has such rows, when
            absent
        engagement (None | Unset | UUID): needed when the token names several
        q (None | str | Unset): beginnings of words
        fields (None | str | Unset): names to answer with, comma-separated; id always
        sort (None | str | Unset): a column, with a minus for the largest first
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | ResultRowsView]
    """

    kwargs = _get_kwargs(
        flow=flow,
        engagement=engagement,
        q=q,
        fields=fields,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    flow: None | Unset | UUID = UNSET,
    engagement: None | Unset | UUID = UNSET,
    q: None | str | Unset = UNSET,
    fields: None | str | Unset = UNSET,
    sort: None | str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
) -> ProblemView | ResultRowsView | None:
    """List the target of each asset

     Columns as in the export `targets`; unknown is null, never 0.

    Args:
        flow (None | Unset | UUID): the newest on the current estate that has such rows, when
            absent
        engagement (None | Unset | UUID): needed when the token names several
        q (None | str | Unset): beginnings of words
        fields (None | str | Unset): names to answer with, comma-separated; id always
        sort (None | str | Unset): a column, with a minus for the largest first
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | ResultRowsView
    """

    return (
        await asyncio_detailed(
            client=client,
            flow=flow,
            engagement=engagement,
            q=q,
            fields=fields,
            sort=sort,
            limit=limit,
            cursor=cursor,
        )
    ).parsed
