from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.facets_view import FacetsView
from ...models.problem_view import ProblemView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    estate: None | Unset | UUID = UNSET,
    engagement: None | Unset | UUID = UNSET,
    asset_type: list[str] | None | Unset = UNSET,
    environment: list[str] | None | Unset = UNSET,
    operating_system: list[str] | None | Unset = UNSET,
    business_criticality: list[str] | None | Unset = UNSET,
    location: list[str] | None | Unset = UNSET,
    treatment: list[str] | None | Unset = UNSET,
    wave: list[str] | None | Unset = UNSET,
    target_type: list[str] | None | Unset = UNSET,
    is_target: bool | None | Unset = UNSET,
    not_target_reason: list[str] | None | Unset = UNSET,
    q: None | str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_estate: None | str | Unset
    if isinstance(estate, Unset):
        json_estate = UNSET
    elif isinstance(estate, UUID):
        json_estate = str(estate)
    else:
        json_estate = estate
    params["estate"] = json_estate

    json_engagement: None | str | Unset
    if isinstance(engagement, Unset):
        json_engagement = UNSET
    elif isinstance(engagement, UUID):
        json_engagement = str(engagement)
    else:
        json_engagement = engagement
    params["engagement"] = json_engagement

    json_asset_type: list[str] | None | Unset
    if isinstance(asset_type, Unset):
        json_asset_type = UNSET
    elif isinstance(asset_type, list):
        json_asset_type = asset_type

    else:
        json_asset_type = asset_type
    params["asset_type"] = json_asset_type

    json_environment: list[str] | None | Unset
    if isinstance(environment, Unset):
        json_environment = UNSET
    elif isinstance(environment, list):
        json_environment = environment

    else:
        json_environment = environment
    params["environment"] = json_environment

    json_operating_system: list[str] | None | Unset
    if isinstance(operating_system, Unset):
        json_operating_system = UNSET
    elif isinstance(operating_system, list):
        json_operating_system = operating_system

    else:
        json_operating_system = operating_system
    params["operating_system"] = json_operating_system

    json_business_criticality: list[str] | None | Unset
    if isinstance(business_criticality, Unset):
        json_business_criticality = UNSET
    elif isinstance(business_criticality, list):
        json_business_criticality = business_criticality

    else:
        json_business_criticality = business_criticality
    params["business_criticality"] = json_business_criticality

    json_location: list[str] | None | Unset
    if isinstance(location, Unset):
        json_location = UNSET
    elif isinstance(location, list):
        json_location = location

    else:
        json_location = location
    params["location"] = json_location

    json_treatment: list[str] | None | Unset
    if isinstance(treatment, Unset):
        json_treatment = UNSET
    elif isinstance(treatment, list):
        json_treatment = treatment

    else:
        json_treatment = treatment
    params["treatment"] = json_treatment

    json_wave: list[str] | None | Unset
    if isinstance(wave, Unset):
        json_wave = UNSET
    elif isinstance(wave, list):
        json_wave = wave

    else:
        json_wave = wave
    params["wave"] = json_wave

    json_target_type: list[str] | None | Unset
    if isinstance(target_type, Unset):
        json_target_type = UNSET
    elif isinstance(target_type, list):
        json_target_type = target_type

    else:
        json_target_type = target_type
    params["target_type"] = json_target_type

    json_is_target: bool | None | Unset
    if isinstance(is_target, Unset):
        json_is_target = UNSET
    else:
        json_is_target = is_target
    params["is_target"] = json_is_target

    json_not_target_reason: list[str] | None | Unset
    if isinstance(not_target_reason, Unset):
        json_not_target_reason = UNSET
    elif isinstance(not_target_reason, list):
        json_not_target_reason = not_target_reason

    else:
        json_not_target_reason = not_target_reason
    params["not_target_reason"] = json_not_target_reason

    json_q: None | str | Unset
    if isinstance(q, Unset):
        json_q = UNSET
    else:
        json_q = q
    params["q"] = json_q

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/assets:facets",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> FacetsView | ProblemView | None:
    if response.status_code == 200:
        response_200 = FacetsView.from_dict(response.json())

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
) -> Response[FacetsView | ProblemView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    estate: None | Unset | UUID = UNSET,
    engagement: None | Unset | UUID = UNSET,
    asset_type: list[str] | None | Unset = UNSET,
    environment: list[str] | None | Unset = UNSET,
    operating_system: list[str] | None | Unset = UNSET,
    business_criticality: list[str] | None | Unset = UNSET,
    location: list[str] | None | Unset = UNSET,
    treatment: list[str] | None | Unset = UNSET,
    wave: list[str] | None | Unset = UNSET,
    target_type: list[str] | None | Unset = UNSET,
    is_target: bool | None | Unset = UNSET,
    not_target_reason: list[str] | None | Unset = UNSET,
    q: None | str | Unset = UNSET,
) -> Response[FacetsView | ProblemView]:
    """Count assets by value

     The most frequent values first, at most 200 of each facet; null is unknown.

    Args:
        estate (None | Unset | UUID): its root flow; the engagement's current estate when absent
        engagement (None | Unset | UUID): needed when the token names several
        asset_type (list[str] | None | Unset): one or several
        environment (list[str] | None | Unset): one or several
        operating_system (list[str] | None | Unset): one or several
        business_criticality (list[str] | None | Unset): one or several
        location (list[str] | None | Unset): one or several
        treatment (list[str] | None | Unset): one or several
        wave (list[str] | None | Unset): one or several, `wave-003`
        target_type (list[str] | None | Unset): one or several
        is_target (bool | None | Unset): migration targets, or what is none
        not_target_reason (list[str] | None | Unset): one or several
        q (None | str | Unset): beginnings of words

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FacetsView | ProblemView]
    """

    kwargs = _get_kwargs(
        estate=estate,
        engagement=engagement,
        asset_type=asset_type,
        environment=environment,
        operating_system=operating_system,
        business_criticality=business_criticality,
        location=location,
        treatment=treatment,
        wave=wave,
        target_type=target_type,
        is_target=is_target,
        not_target_reason=not_target_reason,
        q=q,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    estate: None | Unset | UUID = UNSET,
    engagement: None | Unset | UUID = UNSET,
    asset_type: list[str] | None | Unset = UNSET,
    environment: list[str] | None | Unset = UNSET,
    operating_system: list[str] | None | Unset = UNSET,
    business_criticality: list[str] | None | Unset = UNSET,
    location: list[str] | None | Unset = UNSET,
    treatment: list[str] | None | Unset = UNSET,
    wave: list[str] | None | Unset = UNSET,
    target_type: list[str] | None | Unset = UNSET,
    is_target: bool | None | Unset = UNSET,
    not_target_reason: list[str] | None | Unset = UNSET,
    q: None | str | Unset = UNSET,
) -> FacetsView | ProblemView | None:
    """Count assets by value

     The most frequent values first, at most 200 of each facet; null is unknown.

    Args:
        estate (None | Unset | UUID): its root flow; the engagement's current estate when absent
        engagement (None | Unset | UUID): needed when the token names several
        asset_type (list[str] | None | Unset): one or several
        environment (list[str] | None | Unset): one or several
        operating_system (list[str] | None | Unset): one or several
        business_criticality (list[str] | None | Unset): one or several
        location (list[str] | None | Unset): one or several
        treatment (list[str] | None | Unset): one or several
        wave (list[str] | None | Unset): one or several, `wave-003`
        target_type (list[str] | None | Unset): one or several
        is_target (bool | None | Unset): migration targets, or what is none
        not_target_reason (list[str] | None | Unset): one or several
        q (None | str | Unset): beginnings of words

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FacetsView | ProblemView
    """

    return sync_detailed(
        client=client,
        estate=estate,
        engagement=engagement,
        asset_type=asset_type,
        environment=environment,
        operating_system=operating_system,
        business_criticality=business_criticality,
        location=location,
        treatment=treatment,
        wave=wave,
        target_type=target_type,
        is_target=is_target,
        not_target_reason=not_target_reason,
        q=q,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    estate: None | Unset | UUID = UNSET,
    engagement: None | Unset | UUID = UNSET,
    asset_type: list[str] | None | Unset = UNSET,
    environment: list[str] | None | Unset = UNSET,
    operating_system: list[str] | None | Unset = UNSET,
    business_criticality: list[str] | None | Unset = UNSET,
    location: list[str] | None | Unset = UNSET,
    treatment: list[str] | None | Unset = UNSET,
    wave: list[str] | None | Unset = UNSET,
    target_type: list[str] | None | Unset = UNSET,
    is_target: bool | None | Unset = UNSET,
    not_target_reason: list[str] | None | Unset = UNSET,
    q: None | str | Unset = UNSET,
) -> Response[FacetsView | ProblemView]:
    """Count assets by value

     The most frequent values first, at most 200 of each facet; null is unknown.

    Args:
        estate (None | Unset | UUID): its root flow; the engagement's current estate when absent
        engagement (None | Unset | UUID): needed when the token names several
        asset_type (list[str] | None | Unset): one or several
        environment (list[str] | None | Unset): one or several
        operating_system (list[str] | None | Unset): one or several
        business_criticality (list[str] | None | Unset): one or several
        location (list[str] | None | Unset): one or several
        treatment (list[str] | None | Unset): one or several
        wave (list[str] | None | Unset): one or several, `wave-003`
        target_type (list[str] | None | Unset): one or several
        is_target (bool | None | Unset): migration targets, or what is none
        not_target_reason (list[str] | None | Unset): one or several
        q (None | str | Unset): beginnings of words

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FacetsView | ProblemView]
    """

    kwargs = _get_kwargs(
        estate=estate,
        engagement=engagement,
        asset_type=asset_type,
        environment=environment,
        operating_system=operating_system,
        business_criticality=business_criticality,
        location=location,
        treatment=treatment,
        wave=wave,
        target_type=target_type,
        is_target=is_target,
        not_target_reason=not_target_reason,
        q=q,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    estate: None | Unset | UUID = UNSET,
    engagement: None | Unset | UUID = UNSET,
    asset_type: list[str] | None | Unset = UNSET,
    environment: list[str] | None | Unset = UNSET,
    operating_system: list[str] | None | Unset = UNSET,
    business_criticality: list[str] | None | Unset = UNSET,
    location: list[str] | None | Unset = UNSET,
    treatment: list[str] | None | Unset = UNSET,
    wave: list[str] | None | Unset = UNSET,
    target_type: list[str] | None | Unset = UNSET,
    is_target: bool | None | Unset = UNSET,
    not_target_reason: list[str] | None | Unset = UNSET,
    q: None | str | Unset = UNSET,
) -> FacetsView | ProblemView | None:
    """Count assets by value

     The most frequent values first, at most 200 of each facet; null is unknown.

    Args:
        estate (None | Unset | UUID): its root flow; the engagement's current estate when absent
        engagement (None | Unset | UUID): needed when the token names several
        asset_type (list[str] | None | Unset): one or several
        environment (list[str] | None | Unset): one or several
        operating_system (list[str] | None | Unset): one or several
        business_criticality (list[str] | None | Unset): one or several
        location (list[str] | None | Unset): one or several
        treatment (list[str] | None | Unset): one or several
        wave (list[str] | None | Unset): one or several, `wave-003`
        target_type (list[str] | None | Unset): one or several
        is_target (bool | None | Unset): migration targets, or what is none
        not_target_reason (list[str] | None | Unset): one or several
        q (None | str | Unset): beginnings of words

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FacetsView | ProblemView
    """

    return (
        await asyncio_detailed(
            client=client,
            estate=estate,
            engagement=engagement,
            asset_type=asset_type,
            environment=environment,
            operating_system=operating_system,
            business_criticality=business_criticality,
            location=location,
            treatment=treatment,
            wave=wave,
            target_type=target_type,
            is_target=is_target,
            not_target_reason=not_target_reason,
            q=q,
        )
    ).parsed
