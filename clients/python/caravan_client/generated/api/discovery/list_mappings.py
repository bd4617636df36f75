from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.page_mapping_view import PageMappingView
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    flow_id: UUID,
    *,
    file: None | str | Unset = UNSET,
    sheet: None | str | Unset = UNSET,
    attribute: None | str | Unset = UNSET,
    method: None | str | Unset = UNSET,
    below: float | None | Unset = UNSET,
    custom: bool | None | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_file: None | str | Unset
    if isinstance(file, Unset):
        json_file = UNSET
    else:
        json_file = file
    params["file"] = json_file

    json_sheet: None | str | Unset
    if isinstance(sheet, Unset):
        json_sheet = UNSET
    else:
        json_sheet = sheet
    params["sheet"] = json_sheet

    json_attribute: None | str | Unset
    if isinstance(attribute, Unset):
        json_attribute = UNSET
    else:
        json_attribute = attribute
    params["attribute"] = json_attribute

    json_method: None | str | Unset
    if isinstance(method, Unset):
        json_method = UNSET
    else:
        json_method = method
    params["method"] = json_method

    json_below: float | None | Unset
    if isinstance(below, Unset):
        json_below = UNSET
    else:
        json_below = below
    params["below"] = json_below

    json_custom: bool | None | Unset
    if isinstance(custom, Unset):
        json_custom = UNSET
    else:
        json_custom = custom
    params["custom"] = json_custom

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
        "url": "/api/v1/flows/{flow_id}/mappings".format(
            flow_id=quote(str(flow_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PageMappingView | ProblemView | None:
    if response.status_code == 200:
        response_200 = PageMappingView.from_dict(response.json())

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
) -> Response[PageMappingView | ProblemView]:
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
    file: None | str | Unset = UNSET,
    sheet: None | str | Unset = UNSET,
    attribute: None | str | Unset = UNSET,
    method: None | str | Unset = UNSET,
    below: float | None | Unset = UNSET,
    custom: bool | None | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> Response[PageMappingView | ProblemView]:
    """List what columns mean

     One per source column, with confidence, method and evidence; before the phase has run, without a
    meaning.
    `decision` is what a person said last, `pending` until a run has taken it in.

    Args:
        flow_id (UUID):
        file (None | str | Unset):
        sheet (None | str | Unset):
        attribute (None | str | Unset):
        method (None | str | Unset):
        below (float | None | Unset): only those less sure than this
        custom (bool | None | Unset): columns without an attribute, or those with one
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageMappingView | ProblemView]
    """

    kwargs = _get_kwargs(
        flow_id=flow_id,
        file=file,
        sheet=sheet,
        attribute=attribute,
        method=method,
        below=below,
        custom=custom,
        limit=limit,
        cursor=cursor,
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
    file: None | str | Unset = UNSET,
    sheet: None | str | Unset = UNSET,
    attribute: None | str | Unset = UNSET,
    method: None | str | Unset = UNSET,
    below: float | None | Unset = UNSET,
    custom: bool | None | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> PageMappingView | ProblemView | None:
    """List what columns mean

     One per source column, with confidence, method and evidence; before the phase has run, without a
    meaning.
    `decision` is what a person said last, `pending` until a run has taken it in.

    Args:
        flow_id (UUID):
        file (None | str | Unset):
        sheet (None | str | Unset):
        attribute (None | str | Unset):
        method (None | str | Unset):
        below (float | None | Unset): only those less sure than this
        custom (bool | None | Unset): columns without an attribute, or those with one
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageMappingView | ProblemView
    """

    return sync_detailed(
        flow_id=flow_id,
        client=client,
        file=file,
        sheet=sheet,
        attribute=attribute,
        method=method,
        below=below,
        custom=custom,
        limit=limit,
        cursor=cursor,
        engagement=engagement,
    ).parsed


async def asyncio_detailed(
    flow_id: UUID,
    *,
    client: AuthenticatedClient,
    file: None | str | Unset = UNSET,
    sheet: None | str | Unset = UNSET,
    attribute: None | str | Unset = UNSET,
    method: None | str | Unset = UNSET,
    below: float | None | Unset = UNSET,
    custom: bool | None | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> Response[PageMappingView | ProblemView]:
    """List what columns mean

     One per source column, with confidence, method and evidence; before the phase has run, without a
    meaning.
    `decision` is what a person said last, `pending` until a run has taken it in.

    Args:
        flow_id (UUID):
        file (None | str | Unset):
        sheet (None | str | Unset):
        attribute (None | str | Unset):
        method (None | str | Unset):
        below (float | None | Unset): only those less sure than this
        custom (bool | None | Unset): columns without an attribute, or those with one
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageMappingView | ProblemView]
    """

    kwargs = _get_kwargs(
        flow_id=flow_id,
        file=file,
        sheet=sheet,
        attribute=attribute,
        method=method,
        below=below,
        custom=custom,
        limit=limit,
        cursor=cursor,
        engagement=engagement,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    flow_id: UUID,
    *,
    client: AuthenticatedClient,
    file: None | str | Unset = UNSET,
    sheet: None | str | Unset = UNSET,
    attribute: None | str | Unset = UNSET,
    method: None | str | Unset = UNSET,
    below: float | None | Unset = UNSET,
    custom: bool | None | Unset = UNSET,
    limit: int | Unset = 100,
    cursor: None | str | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> PageMappingView | ProblemView | None:
    """List what columns mean

     One per source column, with confidence, method and evidence; before the phase has run, without a
    meaning.
    `decision` is what a person said last, `pending` until a run has taken it in.

    Args:
        flow_id (UUID):
        file (None | str | Unset):
        sheet (None | str | Unset):
        attribute (None | str | Unset):
        method (None | str | Unset):
        below (float | None | Unset): only those less sure than this
        custom (bool | None | Unset): columns without an attribute, or those with one
        limit (int | Unset): rows per page Default: 100.
        cursor (None | str | Unset): `next_cursor` of the page before
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageMappingView | ProblemView
    """

    return (
        await asyncio_detailed(
            flow_id=flow_id,
            client=client,
            file=file,
            sheet=sheet,
            attribute=attribute,
            method=method,
            below=below,
            custom=custom,
            limit=limit,
            cursor=cursor,
            engagement=engagement,
        )
    ).parsed
