from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.edit_view import EditView
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    version: UUID,
    edit_id: UUID,
    *,
    engagement: None | Unset | UUID = UNSET,
) -> dict[str, Any]:

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
        "method": "get",
        "url": "/api/v1/wave-plans/{version}/edits/{edit_id}".format(
            version=quote(str(version), safe=""),
            edit_id=quote(str(edit_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> EditView | ProblemView | None:
    if response.status_code == 200:
        response_200 = EditView.from_dict(response.json())

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
) -> Response[EditView | ProblemView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    version: UUID,
    edit_id: UUID,
    *,
    client: AuthenticatedClient,
    engagement: None | Unset | UUID = UNSET,
) -> Response[EditView | ProblemView]:
    """Read what edits would cause

     `violations` by kind, weight of the edges cut before and after, load and dates by wave.

    Args:
        version (UUID):
        edit_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EditView | ProblemView]
    """

    kwargs = _get_kwargs(
        version=version,
        edit_id=edit_id,
        engagement=engagement,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    version: UUID,
    edit_id: UUID,
    *,
    client: AuthenticatedClient,
    engagement: None | Unset | UUID = UNSET,
) -> EditView | ProblemView | None:
    """Read what edits would cause

     `violations` by kind, weight of the edges cut before and after, load and dates by wave.

    Args:
        version (UUID):
        edit_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EditView | ProblemView
    """

    return sync_detailed(
        version=version,
        edit_id=edit_id,
        client=client,
        engagement=engagement,
    ).parsed


async def asyncio_detailed(
    version: UUID,
    edit_id: UUID,
    *,
    client: AuthenticatedClient,
    engagement: None | Unset | UUID = UNSET,
) -> Response[EditView | ProblemView]:
    """Read what edits would cause

     `violations` by kind, weight of the edges cut before and after, load and dates by wave.

    Args:
        version (UUID):
        edit_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EditView | ProblemView]
    """

    kwargs = _get_kwargs(
        version=version,
        edit_id=edit_id,
        engagement=engagement,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    version: UUID,
    edit_id: UUID,
    *,
    client: AuthenticatedClient,
    engagement: None | Unset | UUID = UNSET,
) -> EditView | ProblemView | None:
    """Read what edits would cause

     `violations` by kind, weight of the edges cut before and after, load and dates by wave.

    Args:
        version (UUID):
        edit_id (UUID):
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EditView | ProblemView
    """

    return (
        await asyncio_detailed(
            version=version,
            edit_id=edit_id,
            client=client,
            engagement=engagement,
        )
    ).parsed
