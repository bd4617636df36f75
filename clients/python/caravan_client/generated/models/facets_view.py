from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.facets_view_facets import FacetsViewFacets


T = TypeVar("T", bound="FacetsView")


@_attrs_define
class FacetsView:
    """
    Attributes:
        estate_id (None | UUID): the one counted
        current_estate_id (None | UUID):
        facets (FacetsViewFacets):
    """

    estate_id: None | UUID
    current_estate_id: None | UUID
    facets: FacetsViewFacets

    def to_dict(self) -> dict[str, Any]:
        estate_id: None | str
        if isinstance(self.estate_id, UUID):
            estate_id = str(self.estate_id)
        else:
            estate_id = self.estate_id

        current_estate_id: None | str
        if isinstance(self.current_estate_id, UUID):
            current_estate_id = str(self.current_estate_id)
        else:
            current_estate_id = self.current_estate_id

        facets = self.facets.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "estate_id": estate_id,
                "current_estate_id": current_estate_id,
                "facets": facets,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.facets_view_facets import FacetsViewFacets  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_estate_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                estate_id_type_0 = UUID(data)

                return estate_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        estate_id = _parse_estate_id(d.pop("estate_id"))

        def _parse_current_estate_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                current_estate_id_type_0 = UUID(data)

                return current_estate_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        current_estate_id = _parse_current_estate_id(d.pop("current_estate_id"))

        facets = FacetsViewFacets.from_dict(d.pop("facets"))

        facets_view = cls(
            estate_id=estate_id,
            current_estate_id=current_estate_id,
            facets=facets,
        )

        return facets_view
