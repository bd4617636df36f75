from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.choose_estate import ChooseEstate
from ...models.estates_view import EstatesView
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    engagement_id: UUID,
    *,
    body: ChooseEstate,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["if-match"] = if_match

    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/engagements/{engagement_id}/current-estate".format(
            engagement_id=quote(str(engagement_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> EstatesView | ProblemView | None:
    if response.status_code == 200:
        response_200 = EstatesView.from_dict(response.json())

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

    if response.status_code == 412:
        response_412 = ProblemView.from_dict(response.json())

        return response_412

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
) -> Response[EstatesView | ProblemView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    engagement_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChooseEstate,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[EstatesView | ProblemView]:
    """Make an estate the current one

     A second discovery changes nothing for those who look at the engagement until its estate is made
    current.

    Args:
        engagement_id (UUID):
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ChooseEstate):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EstatesView | ProblemView]
    """

    kwargs = _get_kwargs(
        engagement_id=engagement_id,
        body=body,
        if_match=if_match,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    engagement_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChooseEstate,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> EstatesView | ProblemView | None:
    """Make an estate the current one

     A second discovery changes nothing for those who look at the engagement until its estate is made
    current.

    Args:
        engagement_id (UUID):
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ChooseEstate):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EstatesView | ProblemView
    """

    return sync_detailed(
        engagement_id=engagement_id,
        client=client,
        body=body,
        if_match=if_match,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    engagement_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChooseEstate,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[EstatesView | ProblemView]:
    """Make an estate the current one

     A second discovery changes nothing for those who look at the engagement until its estate is made
    current.

    Args:
        engagement_id (UUID):
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ChooseEstate):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EstatesView | ProblemView]
    """

    kwargs = _get_kwargs(
        engagement_id=engagement_id,
        body=body,
        if_match=if_match,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    engagement_id: UUID,
    *,
    client: AuthenticatedClient,
    body: ChooseEstate,
    if_match: None | str | Unset = UNSET,
    idempotency_key: None | str | Unset = UNSET,
) -> EstatesView | ProblemView | None:
    """Make an estate the current one

     A second discovery changes nothing for those who look at the engagement until its estate is made
    current.

    Args:
        engagement_id (UUID):
        if_match (None | str | Unset): ETag of what was read; 412 when it has changed
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (ChooseEstate):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EstatesView | ProblemView
    """

    return (
        await asyncio_detailed(
            engagement_id=engagement_id,
            client=client,
            body=body,
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
    ).parsed
