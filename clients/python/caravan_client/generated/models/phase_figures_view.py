from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.deciders_view import DecidersView


T = TypeVar("T", bound="PhaseFiguresView")


@_attrs_define
class PhaseFiguresView:
    """Attempts of every kind. Seconds are those of computing, as workers report them; null while none has ended.

    Attributes:
        flow_type (str):
        phase (str):
        attempts (int):
        succeeded (int):
        failed (int):
        retries (int):
        lease_losses (int):
        seconds (float):
        median_seconds (float | None):
        p95_seconds (float | None):
        longest_seconds (float | None):
        median_wait_seconds (float | None): from being given out to being taken up by a worker
        decided_by (DecidersView):
    """

    flow_type: str
    phase: str
    attempts: int
    succeeded: int
    failed: int
    retries: int
    lease_losses: int
    seconds: float
    median_seconds: float | None
    p95_seconds: float | None
    longest_seconds: float | None
    median_wait_seconds: float | None
    decided_by: DecidersView

    def to_dict(self) -> dict[str, Any]:
        flow_type = self.flow_type

        phase = self.phase

        attempts = self.attempts

        succeeded = self.succeeded

        failed = self.failed

        retries = self.retries

        lease_losses = self.lease_losses

        seconds = self.seconds

        median_seconds: float | None
        median_seconds = self.median_seconds

        p95_seconds: float | None
        p95_seconds = self.p95_seconds

        longest_seconds: float | None
        longest_seconds = self.longest_seconds

        median_wait_seconds: float | None
        median_wait_seconds = self.median_wait_seconds

        decided_by = self.decided_by.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "flow_type": flow_type,
                "phase": phase,
                "attempts": attempts,
                "succeeded": succeeded,
                "failed": failed,
                "retries": retries,
                "lease_losses": lease_losses,
                "seconds": seconds,
                "median_seconds": median_seconds,
                "p95_seconds": p95_seconds,
                "longest_seconds": longest_seconds,
                "median_wait_seconds": median_wait_seconds,
                "decided_by": decided_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.deciders_view import DecidersView  # noqa: PLC0415

        d = dict(src_dict)
        flow_type = d.pop("flow_type")

        phase = d.pop("phase")

        attempts = d.pop("attempts")

        succeeded = d.pop("succeeded")

        failed = d.pop("failed")

        retries = d.pop("retries")

        lease_losses = d.pop("lease_losses")

        seconds = d.pop("seconds")

        def _parse_median_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        median_seconds = _parse_median_seconds(d.pop("median_seconds"))

        def _parse_p95_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        p95_seconds = _parse_p95_seconds(d.pop("p95_seconds"))

        def _parse_longest_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        longest_seconds = _parse_longest_seconds(d.pop("longest_seconds"))

        def _parse_median_wait_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        median_wait_seconds = _parse_median_wait_seconds(d.pop("median_wait_seconds"))

        decided_by = DecidersView.from_dict(d.pop("decided_by"))

        phase_figures_view = cls(
            flow_type=flow_type,
            phase=phase,
            attempts=attempts,
            succeeded=succeeded,
            failed=failed,
            retries=retries,
            lease_losses=lease_losses,
            seconds=seconds,
            median_seconds=median_seconds,
            p95_seconds=p95_seconds,
            longest_seconds=longest_seconds,
            median_wait_seconds=median_wait_seconds,
            decided_by=decided_by,
        )

        return phase_figures_view
