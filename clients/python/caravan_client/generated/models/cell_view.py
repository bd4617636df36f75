from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.change_view import ChangeView
    from ..models.column_meaning_view import ColumnMeaningView


T = TypeVar("T", bound="CellView")


@_attrs_define
class CellView:
    """
    Attributes:
        file (str):
        file_sha256 (str):
        sheet (str):
        row_number (int): as a person counts it: of a spreadsheet, or of the file
        column (str):
        column_index (int): from 0
        source (str):
        format_ (str):
        old (None | str): as it stood in the cell; secrets masked
        mapping (ColumnMeaningView | None):
        how (str): mapped, read_out, stands_for, sum_of_parts, part, custom
        rank (int): what is filled at a lower rank wins within its row
        changes (list[ChangeView]):
        value (Any): after cleansing
        role (str): winner, part, agrees, loser, not_needed, no_value
    """

    file: str
    file_sha256: str
    sheet: str
    row_number: int
    column: str
    column_index: int
    source: str
    format_: str
    old: None | str
    mapping: ColumnMeaningView | None
    how: str
    rank: int
    changes: list[ChangeView]
    value: Any
    role: str

    def to_dict(self) -> dict[str, Any]:
        from ..models.column_meaning_view import ColumnMeaningView  # noqa: PLC0415

        file = self.file

        file_sha256 = self.file_sha256

        sheet = self.sheet

        row_number = self.row_number

        column = self.column

        column_index = self.column_index

        source = self.source

        format_ = self.format_

        old: None | str
        old = self.old

        mapping: dict[str, Any] | None
        if isinstance(self.mapping, ColumnMeaningView):
            mapping = self.mapping.to_dict()
        else:
            mapping = self.mapping

        how = self.how

        rank = self.rank

        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)

        value = self.value

        role = self.role

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "file": file,
                "file_sha256": file_sha256,
                "sheet": sheet,
                "row_number": row_number,
                "column": column,
                "column_index": column_index,
                "source": source,
                "format": format_,
                "old": old,
                "mapping": mapping,
                "how": how,
                "rank": rank,
                "changes": changes,
                "value": value,
                "role": role,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.change_view import ChangeView  # noqa: PLC0415
        from ..models.column_meaning_view import ColumnMeaningView  # noqa: PLC0415

        d = dict(src_dict)
        file = d.pop("file")

        file_sha256 = d.pop("file_sha256")

        sheet = d.pop("sheet")

        row_number = d.pop("row_number")

        column = d.pop("column")

        column_index = d.pop("column_index")

        source = d.pop("source")

        format_ = d.pop("format")

        def _parse_old(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        old = _parse_old(d.pop("old"))

        def _parse_mapping(data: object) -> ColumnMeaningView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                mapping_type_0 = ColumnMeaningView.from_dict(data)

                return mapping_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ColumnMeaningView | None, data)

        mapping = _parse_mapping(d.pop("mapping"))

        how = d.pop("how")

        rank = d.pop("rank")

        changes = []
        _changes = d.pop("changes")
        for changes_item_data in _changes:
            changes_item = ChangeView.from_dict(changes_item_data)

            changes.append(changes_item)

        value = d.pop("value")

        role = d.pop("role")

        cell_view = cls(
            file=file,
            file_sha256=file_sha256,
            sheet=sheet,
            row_number=row_number,
            column=column,
            column_index=column_index,
            source=source,
            format_=format_,
            old=old,
            mapping=mapping,
            how=how,
            rank=rank,
            changes=changes,
            value=value,
            role=role,
        )

        return cell_view
