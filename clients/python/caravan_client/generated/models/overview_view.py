from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.asset_counts_view import AssetCountsView
    from ..models.engagement_name_view import EngagementNameView
    from ..models.event_view import EventView
    from ..models.flow_counts_view import FlowCountsView
    from ..models.overview_view_results import OverviewViewResults
    from ..models.waiting_counts_view import WaitingCountsView
    from ..models.waiting_view import WaitingView


T = TypeVar("T", bound="OverviewView")


@_attrs_define
class OverviewView:
    """
    Attributes:
        engagement (EngagementNameView):
        estate_id (None | UUID): the current one; null while nothing was found yet
        flows (FlowCountsView):
        assets (AssetCountsView):
        results (OverviewViewResults): what the phases of the estate's flows last said, by the keys of `caravan run
            --json`: conflicts, gaps, dependencies, tech_debt … ; absent: not computed
        waiting (WaitingCountsView):
        oldest (list[WaitingView]): the first five of GET /inbox
        events (list[EventView]): the newest ten, the newest first
    """

    engagement: EngagementNameView
    estate_id: None | UUID
    flows: FlowCountsView
    assets: AssetCountsView
    results: OverviewViewResults
    waiting: WaitingCountsView
    oldest: list[WaitingView]
    events: list[EventView]

    def to_dict(self) -> dict[str, Any]:
        engagement = self.engagement.to_dict()

        estate_id: None | str
        if isinstance(self.estate_id, UUID):
            estate_id = str(self.estate_id)
        else:
            estate_id = self.estate_id

        flows = self.flows.to_dict()

        assets = self.assets.to_dict()

        results = self.results.to_dict()

        waiting = self.waiting.to_dict()

        oldest = []
        for oldest_item_data in self.oldest:
            oldest_item = oldest_item_data.to_dict()
            oldest.append(oldest_item)

        events = []
        for events_item_data in self.events:
            events_item = events_item_data.to_dict()
            events.append(events_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "engagement": engagement,
                "estate_id": estate_id,
                "flows": flows,
                "assets": assets,
                "results": results,
                "waiting": waiting,
                "oldest": oldest,
                "events": events,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.asset_counts_view import AssetCountsView  # noqa: PLC0415
        from ..models.engagement_name_view import EngagementNameView  # noqa: PLC0415
        from ..models.event_view import EventView  # noqa: PLC0415
        from ..models.flow_counts_view import FlowCountsView  # noqa: PLC0415
        from ..models.overview_view_results import OverviewViewResults  # noqa: PLC0415
        from ..models.waiting_counts_view import WaitingCountsView  # noqa: PLC0415
        from ..models.waiting_view import WaitingView  # noqa: PLC0415

        d = dict(src_dict)
        engagement = EngagementNameView.from_dict(d.pop("engagement"))

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

        flows = FlowCountsView.from_dict(d.pop("flows"))

        assets = AssetCountsView.from_dict(d.pop("assets"))

        results = OverviewViewResults.from_dict(d.pop("results"))

        waiting = WaitingCountsView.from_dict(d.pop("waiting"))

        oldest = []
        _oldest = d.pop("oldest")
        for oldest_item_data in _oldest:
            oldest_item = WaitingView.from_dict(oldest_item_data)

            oldest.append(oldest_item)

        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = EventView.from_dict(events_item_data)

            events.append(events_item)

        overview_view = cls(
            engagement=engagement,
            estate_id=estate_id,
            flows=flows,
            assets=assets,
            results=results,
            waiting=waiting,
            oldest=oldest,
            events=events,
        )

        return overview_view
