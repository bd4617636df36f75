from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.batch_decisions_view import BatchDecisionsView
    from ..models.sample_asset_view import SampleAssetView


T = TypeVar("T", bound="BatchView")


@_attrs_define
class BatchView:
    """
    Attributes:
        estate_id (UUID):
        digest (str): of the plan; the audit names the batch by it
        count (int): assets on which something is set, each by a decision of its own
        unchanged (int): assets that people have set to these very values already; left out
        sample (list[SampleAssetView]): the first twenty
        applied (bool): false: a preview
        decisions (list[BatchDecisionsView]):
    """

    estate_id: UUID
    digest: str
    count: int
    unchanged: int
    sample: list[SampleAssetView]
    applied: bool
    decisions: list[BatchDecisionsView]

    def to_dict(self) -> dict[str, Any]:
        estate_id = str(self.estate_id)

        digest = self.digest

        count = self.count

        unchanged = self.unchanged

        sample = []
        for sample_item_data in self.sample:
            sample_item = sample_item_data.to_dict()
            sample.append(sample_item)

        applied = self.applied

        decisions = []
        for decisions_item_data in self.decisions:
            decisions_item = decisions_item_data.to_dict()
            decisions.append(decisions_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "estate_id": estate_id,
                "digest": digest,
                "count": count,
                "unchanged": unchanged,
                "sample": sample,
                "applied": applied,
                "decisions": decisions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.batch_decisions_view import BatchDecisionsView  # noqa: PLC0415
        from ..models.sample_asset_view import SampleAssetView  # noqa: PLC0415

        d = dict(src_dict)
        estate_id = UUID(d.pop("estate_id"))

        digest = d.pop("digest")

        count = d.pop("count")

        unchanged = d.pop("unchanged")

        sample = []
        _sample = d.pop("sample")
        for sample_item_data in _sample:
            sample_item = SampleAssetView.from_dict(sample_item_data)

            sample.append(sample_item)

        applied = d.pop("applied")

        decisions = []
        _decisions = d.pop("decisions")
        for decisions_item_data in _decisions:
            decisions_item = BatchDecisionsView.from_dict(decisions_item_data)

            decisions.append(decisions_item)

        batch_view = cls(
            estate_id=estate_id,
            digest=digest,
            count=count,
            unchanged=unchanged,
            sample=sample,
            applied=applied,
            decisions=decisions,
        )

        return batch_view
