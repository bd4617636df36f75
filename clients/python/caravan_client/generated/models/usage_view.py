from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.budget_view import BudgetView
    from ..models.usage_figures_view import UsageFiguresView
    from ..models.usage_row_view import UsageRowView


T = TypeVar("T", bound="UsageView")


@_attrs_define
class UsageView:
    """
    Attributes:
        items (list[UsageRowView]):
        next_cursor (None | str): give it back as ?cursor=; null on the last page
        total (UsageFiguresView):
        budget (BudgetView | None): of the flow asked for, where it has one
    """

    items: list[UsageRowView]
    next_cursor: None | str
    total: UsageFiguresView
    budget: BudgetView | None

    def to_dict(self) -> dict[str, Any]:
        from ..models.budget_view import BudgetView  # noqa: PLC0415

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        next_cursor: None | str
        next_cursor = self.next_cursor

        total = self.total.to_dict()

        budget: dict[str, Any] | None
        if isinstance(self.budget, BudgetView):
            budget = self.budget.to_dict()
        else:
            budget = self.budget

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "items": items,
                "next_cursor": next_cursor,
                "total": total,
                "budget": budget,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_view import BudgetView  # noqa: PLC0415
        from ..models.usage_figures_view import UsageFiguresView  # noqa: PLC0415
        from ..models.usage_row_view import UsageRowView  # noqa: PLC0415

        d = dict(src_dict)
        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = UsageRowView.from_dict(items_item_data)

            items.append(items_item)

        def _parse_next_cursor(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_cursor = _parse_next_cursor(d.pop("next_cursor"))

        total = UsageFiguresView.from_dict(d.pop("total"))

        def _parse_budget(data: object) -> BudgetView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                budget_type_0 = BudgetView.from_dict(data)

                return budget_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BudgetView | None, data)

        budget = _parse_budget(d.pop("budget"))

        usage_view = cls(
            items=items,
            next_cursor=next_cursor,
            total=total,
            budget=budget,
        )

        return usage_view
