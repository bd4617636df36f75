from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.join_view import JoinView
    from ..models.row_place_view import RowPlaceView


T = TypeVar("T", bound="RecordView")


@_attrs_define
class RecordView:
    """An asset's rows of one source. Where there are several, the source's own key made them one.

    Attributes:
        source (str):
        format_ (str):
        source_key (None | str): the source's own key of the asset; null where it has none
        rows (list[RowPlaceView]):
        joined (list[JoinView] | None): with other sources; null where the inventory was made before this was kept
    """

    source: str
    format_: str
    source_key: None | str
    rows: list[RowPlaceView]
    joined: list[JoinView] | None

    def to_dict(self) -> dict[str, Any]:
        source = self.source

        format_ = self.format_

        source_key: None | str
        source_key = self.source_key

        rows = []
        for rows_item_data in self.rows:
            rows_item = rows_item_data.to_dict()
            rows.append(rows_item)

        joined: list[dict[str, Any]] | None
        if isinstance(self.joined, list):
            joined = []
            for joined_type_0_item_data in self.joined:
                joined_type_0_item = joined_type_0_item_data.to_dict()
                joined.append(joined_type_0_item)

        else:
            joined = self.joined

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "source": source,
                "format": format_,
                "source_key": source_key,
                "rows": rows,
                "joined": joined,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.join_view import JoinView  # noqa: PLC0415
        from ..models.row_place_view import RowPlaceView  # noqa: PLC0415

        d = dict(src_dict)
        source = d.pop("source")

        format_ = d.pop("format")

        def _parse_source_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        source_key = _parse_source_key(d.pop("source_key"))

        rows = []
        _rows = d.pop("rows")
        for rows_item_data in _rows:
            rows_item = RowPlaceView.from_dict(rows_item_data)

            rows.append(rows_item)

        def _parse_joined(data: object) -> list[JoinView] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                joined_type_0 = []
                _joined_type_0 = data
                for joined_type_0_item_data in _joined_type_0:
                    joined_type_0_item = JoinView.from_dict(joined_type_0_item_data)

                    joined_type_0.append(joined_type_0_item)

                return joined_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[JoinView] | None, data)

        joined = _parse_joined(d.pop("joined"))

        record_view = cls(
            source=source,
            format_=format_,
            source_key=source_key,
            rows=rows,
            joined=joined,
        )

        return record_view
