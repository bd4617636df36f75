from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.client_quotas_view import ClientQuotasView
from ...models.problem_view import ProblemView
from ...models.set_quotas import SetQuotas
from ...types import UNSET, Response, Unset


def _get_kwargs(
    client_id: UUID,
    *,
    body: SetQuotas,
    idempotency_key: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["idempotency-key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/quotas/{client_id}".format(
            client_id=quote(str(client_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ClientQuotasView | ProblemView | None:
    if response.status_code == 200:
        response_200 = ClientQuotasView.from_dict(response.json())

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
) -> Response[ClientQuotasView | ProblemView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    client_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SetQuotas,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[ClientQuotasView | ProblemView]:
    """Set a client's quotas

     By who runs the platform: a limit that one may raise oneself is none. Audited where the client sees
    it.

    Args:
        client_id (UUID):
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (SetQuotas): What is named is set; null takes a limit away.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientQuotasView | ProblemView]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    client_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SetQuotas,
    idempotency_key: None | str | Unset = UNSET,
) -> ClientQuotasView | ProblemView | None:
    """Set a client's quotas

     By who runs the platform: a limit that one may raise oneself is none. Audited where the client sees
    it.

    Args:
        client_id (UUID):
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (SetQuotas): What is named is set; null takes a limit away.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientQuotasView | ProblemView
    """

    return sync_detailed(
        client_id=client_id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    client_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SetQuotas,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[ClientQuotasView | ProblemView]:
    """Set a client's quotas

     By who runs the platform: a limit that one may raise oneself is none. Audited where the client sees
    it.

    Args:
        client_id (UUID):
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (SetQuotas): What is named is set; null takes a limit away.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ClientQuotasView | ProblemView]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    client_id: UUID,
    *,
    client: AuthenticatedClient,
    body: SetQuotas,
    idempotency_key: None | str | Unset = UNSET,
) -> ClientQuotasView | ProblemView | None:
    """Set a client's quotas

     By who runs the platform: a limit that one may raise oneself is none. Audited where the client sees
    it.

    Args:
        client_id (UUID):
        idempotency_key (None | str | Unset): a repeat within 24 h gets the first answer
        body (SetQuotas): What is named is set; null takes a limit away.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ClientQuotasView | ProblemView
    """

    return (
        await asyncio_detailed(
            client_id=client_id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
