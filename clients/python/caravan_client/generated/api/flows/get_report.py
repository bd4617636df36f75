from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    flow_id: UUID,
    *,
    chain: bool | Unset = True,
    download: bool | Unset = False,
    engagement: None | Unset | UUID = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["chain"] = chain

    params["download"] = download

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
        "url": "/api/v1/reports/{flow_id}".format(
            flow_id=quote(str(flow_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ProblemView | str | None:
    if response.status_code == 200:
        response_200 = response.text
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

    if response.status_code == 409:
        response_409 = ProblemView.from_dict(response.json())

        return response_409

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ProblemView | str]:
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
    chain: bool | Unset = True,
    download: bool | Unset = False,
    engagement: None | Unset | UUID = UNSET,
) -> Response[ProblemView | str]:
    """Read the report of a flow

     As `caravan run --report` writes it. 409 `not_completed` until the flow has; `no_report` where no
    package beside
    the gateway reports on these flows. What tells of persons is shown to operators and admins, and that
    they read it
    is audited.

    Args:
        flow_id (UUID):
        chain (bool | Unset): with the flows before it and those grown from it, as far as they
            have completed Default: True.
        download (bool | Unset): as a file to be saved Default: False.
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | str]
    """

    kwargs = _get_kwargs(
        flow_id=flow_id,
        chain=chain,
        download=download,
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
    chain: bool | Unset = True,
    download: bool | Unset = False,
    engagement: None | Unset | UUID = UNSET,
) -> ProblemView | str | None:
    """Read the report of a flow

     As `caravan run --report` writes it. 409 `not_completed` until the flow has; `no_report` where no
    package beside
    the gateway reports on these flows. What tells of persons is shown to operators and admins, and that
    they read it
    is audited.

    Args:
        flow_id (UUID):
        chain (bool | Unset): with the flows before it and those grown from it, as far as they
            have completed Default: True.
        download (bool | Unset): as a file to be saved Default: False.
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | str
    """

    return sync_detailed(
        flow_id=flow_id,
        client=client,
        chain=chain,
        download=download,
        engagement=engagement,
    ).parsed


async def asyncio_detailed(
    flow_id: UUID,
    *,
    client: AuthenticatedClient,
    chain: bool | Unset = True,
    download: bool | Unset = False,
    engagement: None | Unset | UUID = UNSET,
) -> Response[ProblemView | str]:
    """Read the report of a flow

     As `caravan run --report` writes it. 409 `not_completed` until the flow has; `no_report` where no
    package beside
    the gateway reports on these flows. What tells of persons is shown to operators and admins, and that
    they read it
    is audited.

    Args:
        flow_id (UUID):
        chain (bool | Unset): with the flows before it and those grown from it, as far as they
            have completed Default: True.
        download (bool | Unset): as a file to be saved Default: False.
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProblemView | str]
    """

    kwargs = _get_kwargs(
        flow_id=flow_id,
        chain=chain,
        download=download,
        engagement=engagement,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    flow_id: UUID,
    *,
    client: AuthenticatedClient,
    chain: bool | Unset = True,
    download: bool | Unset = False,
    engagement: None | Unset | UUID = UNSET,
) -> ProblemView | str | None:
    """Read the report of a flow

     As `caravan run --report` writes it. 409 `not_completed` until the flow has; `no_report` where no
    package beside
    the gateway reports on these flows. What tells of persons is shown to operators and admins, and that
    they read it
    is audited.

    Args:
        flow_id (UUID):
        chain (bool | Unset): with the flows before it and those grown from it, as far as they
            have completed Default: True.
        download (bool | Unset): as a file to be saved Default: False.
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProblemView | str
    """

    return (
        await asyncio_detailed(
            flow_id=flow_id,
            client=client,
            chain=chain,
            download=download,
            engagement=engagement,
        )
    ).parsed
