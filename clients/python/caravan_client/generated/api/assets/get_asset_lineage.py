from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.asset_lineage_view import AssetLineageView
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    asset_id: UUID,
    *,
    attribute: list[str] | None | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_attribute: list[str] | None | Unset
    if isinstance(attribute, Unset):
        json_attribute = UNSET
    elif isinstance(attribute, list):
        json_attribute = attribute

    else:
        json_attribute = attribute
    params["attribute"] = json_attribute

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
        "url": "/api/v1/assets/{asset_id}/lineage".format(
            asset_id=quote(str(asset_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> AssetLineageView | ProblemView | None:
    if response.status_code == 200:
        response_200 = AssetLineageView.from_dict(response.json())

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
) -> Response[AssetLineageView | ProblemView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    asset_id: UUID,
    *,
    client: AuthenticatedClient,
    attribute: list[str] | None | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> Response[AssetLineageView | ProblemView]:
    """Trace attributes of an asset to their cells

     For each attribute every cell that serves it: file with hash, sheet, row, column, the value as it
    stood there
    (secrets masked), what the column was taken to mean and why, each change with its rule, the cleansed
    value, and its
    part in the result; then the conflict with its winner and reason, and what people decided.
    `computed`: no source
    says it, the phase that made the asset concluded it. `judgements`: contested cases about the asset
    and its columns,
    with what the crew was shown. `records`: the asset's rows by source, and for each source what joined
    it with the
    others: identifiers of equal value, or a person's answer to a question.

    Args:
        asset_id (UUID):
        attribute (list[str] | None | Unset): one or several; all that are known when absent
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AssetLineageView | ProblemView]
    """

    kwargs = _get_kwargs(
        asset_id=asset_id,
        attribute=attribute,
        engagement=engagement,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    asset_id: UUID,
    *,
    client: AuthenticatedClient,
    attribute: list[str] | None | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> AssetLineageView | ProblemView | None:
    """Trace attributes of an asset to their cells

     For each attribute every cell that serves it: file with hash, sheet, row, column, the value as it
    stood there
    (secrets masked), what the column was taken to mean and why, each change with its rule, the cleansed
    value, and its
    part in the result; then the conflict with its winner and reason, and what people decided.
    `computed`: no source
    says it, the phase that made the asset concluded it. `judgements`: contested cases about the asset
    and its columns,
    with what the crew was shown. `records`: the asset's rows by source, and for each source what joined
    it with the
    others: identifiers of equal value, or a person's answer to a question.

    Args:
        asset_id (UUID):
        attribute (list[str] | None | Unset): one or several; all that are known when absent
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AssetLineageView | ProblemView
    """

    return sync_detailed(
        asset_id=asset_id,
        client=client,
        attribute=attribute,
        engagement=engagement,
    ).parsed


async def asyncio_detailed(
    asset_id: UUID,
    *,
    client: AuthenticatedClient,
    attribute: list[str] | None | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> Response[AssetLineageView | ProblemView]:
    """Trace attributes of an asset to their cells

     For each attribute every cell that serves it: file with hash, sheet, row, column, the value as it
    stood there
    (secrets masked), what the column was taken to mean and why, each change with its rule, the cleansed
    value, and its
    part in the result; then the conflict with its winner and reason, and what people decided.
    `computed`: no source
    says it, the phase that made the asset concluded it. `judgements`: contested cases about the asset
    and its columns,
    with what the crew was shown. `records`: the asset's rows by source, and for each source what joined
    it with the
    others: identifiers of equal value, or a person's answer to a question.

    Args:
        asset_id (UUID):
        attribute (list[str] | None | Unset): one or several; all that are known when absent
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AssetLineageView | ProblemView]
    """

    kwargs = _get_kwargs(
        asset_id=asset_id,
        attribute=attribute,
        engagement=engagement,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    asset_id: UUID,
    *,
    client: AuthenticatedClient,
    attribute: list[str] | None | Unset = UNSET,
    engagement: None | Unset | UUID = UNSET,
) -> AssetLineageView | ProblemView | None:
    """Trace attributes of an asset to their cells

     For each attribute every cell that serves it: file with hash, sheet, row, column, the value as it
    stood there
    (secrets masked), what the column was taken to mean and why, each change with its rule, the cleansed
    value, and its
    part in the result; then the conflict with its winner and reason, and what people decided.
    `computed`: no source
    says it, the phase that made the asset concluded it. `judgements`: contested cases about the asset
    and its columns,
    with what the crew was shown. `records`: the asset's rows by source, and for each source what joined
    it with the
    others: identifiers of equal value, or a person's answer to a question.

    Args:
        asset_id (UUID):
        attribute (list[str] | None | Unset): one or several; all that are known when absent
        engagement (None | Unset | UUID): needed when the token names several

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AssetLineageView | ProblemView
    """

    return (
        await asyncio_detailed(
            asset_id=asset_id,
            client=client,
            attribute=attribute,
            engagement=engagement,
        )
    ).parsed
