from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.flow_status import FlowStatus
from ...models.list_flows_sort import ListFlowsSort
from ...models.page_flow_view import PageFlowView
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    flow_type: None | str | Unset = UNSET,
    status: list[FlowStatus] | None | Unset = UNSET,
    q: None | str | Unset = UNSET,
    sort: ListFlowsSort | Unset = ListFlowsSort.VALUE_1,
    fields: None | str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_flow_type: None | str | Unset
    if isinstance(flow_type, Unset):
        json_flow_type = UNSET
    else:
        json_flow_type = flow_type
    params["flow_type"] = json_flow_type

    json_status: list[str] | None | Unset
    if isinstance(status, Unset):
        json_status = UNSET
    elif isinstance(status, list):
        json_status = []
        for status_type_0_item_data in status:
            status_type_0_item = status_type_0_item_data.value
            json_status.append(status_type_0_item)

    else:
        json_status = status
    params["status"] = json_status

    json_q: None | str | Unset
    if isinstance(q, Unset):
        json_q = UNSET
    else:
        json_q = q
    params["q"] = json_q

    json_sort: str | Unset = UNSET
    if not isinstance(sort, Unset):
        json_sort = sort.value

    params["sort"] = json_sort

    json_fields: None | str | Unset
    if isinstance(fields, Unset):
        json_fields = UNSET
    else:
        json_fields = fields
    params["fields"] = json_fields

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
        "url": "/api/v1/flows",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PageFlowView | ProblemView | None:
    if response.status_code == 200:
        response_200 = PageFlowView.from_dict(response.json())

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
) -> Response[PageFlowView | ProblemView]:
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
    status: list[FlowStatus] | None | Unset = UNSET,
    q: None | str | Unset = UNSET,
    sort: ListFlowsSort | Unset = ListFlowsSort.VALUE_1,
    fields: None | str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> Response[PageFlowView | ProblemView]:
    """List flows

     Deleted flows are left out.

    Args:
        flow_type (None | str | Unset):
        status (list[FlowStatus] | None | Unset): one or several
        q (None | str | Unset): beginnings of words
        sort (ListFlowsSort | Unset): - is the newest first Default: ListFlowsSort.VALUE_1.
        fields (None | str | Unset): names to answer with, comma-separated; id always
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageFlowView | ProblemView]
    """

    kwargs = _get_kwargs(
        flow_type=flow_type,
        status=status,
        q=q,
        sort=sort,
        fields=fields,
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
    flow_type: None | str | Unset = UNSET,
    status: list[FlowStatus] | None | Unset = UNSET,
    q: None | str | Unset = UNSET,
    sort: ListFlowsSort | Unset = ListFlowsSort.VALUE_1,
    fields: None | str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> PageFlowView | ProblemView | None:
    """List flows

     Deleted flows are left out.

    Args:
        flow_type (None | str | Unset):
        status (list[FlowStatus] | None | Unset): one or several
        q (None | str | Unset): beginnings of words
        sort (ListFlowsSort | Unset): - is the newest first Default: ListFlowsSort.VALUE_1.
        fields (None | str | Unset): names to answer with, comma-separated; id always
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageFlowView | ProblemView
    """

    return sync_detailed(
        client=client,
        flow_type=flow_type,
        status=status,
        q=q,
        sort=sort,
        fields=fields,
        limit=limit,
        cursor=cursor,
        engagement=engagement,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    flow_type: None | str | Unset = UNSET,
    status: list[FlowStatus] | None | Unset = UNSET,
    q: None | str | Unset = UNSET,
    sort: ListFlowsSort | Unset = ListFlowsSort.VALUE_1,
    fields: None | str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> Response[PageFlowView | ProblemView]:
    """List flows

     Deleted flows are left out.

    Args:
        flow_type (None | str | Unset):
        status (list[FlowStatus] | None | Unset): one or several
        q (None | str | Unset): beginnings of words
        sort (ListFlowsSort | Unset): - is the newest first Default: ListFlowsSort.VALUE_1.
        fields (None | str | Unset): names to answer with, comma-separated; id always
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageFlowView | ProblemView]
    """

    kwargs = _get_kwargs(
        flow_type=flow_type,
        status=status,
        q=q,
        sort=sort,
        fields=fields,
        limit=limit,
        cursor=cursor,
        engagement=engagement,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    flow_type: None | str | Unset = UNSET,
    status: list[FlowStatus] | None | Unset = UNSET,
    q: None | str | Unset = UNSET,
    sort: ListFlowsSort | Unset = ListFlowsSort.VALUE_1,
    fields: None | str | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> PageFlowView | ProblemView | None:
    """List flows

     Deleted flows are left out.

    Args:
        flow_type (None | str | Unset):
        status (list[FlowStatus] | None | Unset): one or several
        q (None | str | Unset): beginnings of words
        sort (ListFlowsSort | Unset): - is the newest first Default: ListFlowsSort.VALUE_1.
        fields (None | str | Unset): names to answer with, comma-separated; id always
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageFlowView | ProblemView
    """

    return (
        await asyncio_detailed(
            client=client,
            flow_type=flow_type,
            status=status,
            q=q,
            sort=sort,
            fields=fields,
            limit=limit,
            cursor=cursor,
            engagement=engagement,
        )
    ).parsed
