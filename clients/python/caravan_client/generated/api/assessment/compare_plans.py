from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.compare_plans import ComparePlans
from ...models.compared_view import ComparedView
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    version: UUID,
    *,
    body: ComparePlans,
    engagement: None | Unset | UUID = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

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
        "url": "/api/v1/wave-plans/{version}/edits:compare".format(
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
) -> Any | ComparedView | ProblemView | None:
    if response.status_code == 200:
        response_200 = ComparedView.from_dict(response.json())

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
        response_409 = cast(Any, None)
        return response_409

    if response.status_code == 410:
        response_410 = ProblemView.from_dict(response.json())

        return response_410

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
) -> Response[Any | ComparedView | ProblemView]:
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
    body: ComparePlans,
    engagement: None | Unset | UUID = UNSET,
) -> Response[Any | ComparedView | ProblemView]:
    """Compare two versions of the wave plan

     By application what differs, and cut, load and dates of both, by the edges of today. Changes
    nothing.

    Args:
        version (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        body (ComparePlans):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ComparedView | ProblemView]
    """

    kwargs = _get_kwargs(
        version=version,
        body=body,
        engagement=engagement,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    version: UUID,
    *,
    client: AuthenticatedClient,
    body: ComparePlans,
    engagement: None | Unset | UUID = UNSET,
) -> Any | ComparedView | ProblemView | None:
    """Compare two versions of the wave plan

     By application what differs, and cut, load and dates of both, by the edges of today. Changes
    nothing.

    Args:
        version (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        body (ComparePlans):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ComparedView | ProblemView
    """

    return sync_detailed(
        version=version,
        client=client,
        body=body,
        engagement=engagement,
    ).parsed


async def asyncio_detailed(
    version: UUID,
    *,
    client: AuthenticatedClient,
    body: ComparePlans,
    engagement: None | Unset | UUID = UNSET,
) -> Response[Any | ComparedView | ProblemView]:
    """Compare two versions of the wave plan

     By application what differs, and cut, load and dates of both, by the edges of today. Changes
    nothing.

    Args:
        version (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        body (ComparePlans):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | ComparedView | ProblemView]
    """

    kwargs = _get_kwargs(
        version=version,
        body=body,
        engagement=engagement,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    version: UUID,
    *,
    client: AuthenticatedClient,
    body: ComparePlans,
    engagement: None | Unset | UUID = UNSET,
) -> Any | ComparedView | ProblemView | None:
    """Compare two versions of the wave plan

     By application what differs, and cut, load and dates of both, by the edges of today. Changes
    nothing.

    Args:
        version (UUID):
        engagement (None | Unset | UUID): needed when the token names several
        body (ComparePlans):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | ComparedView | ProblemView
    """

    return (
        await asyncio_detailed(
            version=version,
            client=client,
            body=body,
            engagement=engagement,
        )
    ).parsed
