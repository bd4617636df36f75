"""Working days as whole numbers from the start of the plan: weekends and public holidays don't exist in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import holidays
import numpy as np
from numpy.typing import NDArray

from caravan_planning.domain.timeline.failures import SettingIsInvalid

_YEARS = 30
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class WorkingCalendar:
    """`first` is day 0. `names`: public holidays and days off by date."""

    first: date
    names: Mapping[date, str]
    days: np.busdaycalendar
    country: str | None

    def date_of(self, day: int) -> date:
        """The date of a working day."""
        return _as_date(np.busday_offset(self.first, day, busdaycal=self.days))

    def dates_of(self, days: Iterable[int]) -> "NDArray[np.datetime64]":
        return np.busday_offset(
            np.datetime64(self.first), np.array(list(days), dtype=np.int64), busdaycal=self.days
        )

    def list_days(self, first: date, last: date) -> list[date]:
        """Working days from first to last, both included."""
        days = np.arange(np.datetime64(first), np.datetime64(last + timedelta(days=1)))
        return [_as_date(day) for day in days[np.is_busday(days, busdaycal=self.days)]]

    def day_of(self, day: date) -> int:
        """The first working day on or after a date, not below 0."""
        return max(0, int(np.busday_count(self.first, day, busdaycal=self.days)))

    def span(self, first: date, last: date) -> tuple[int, int]:
        """Working days (from, until) of a span of dates, both of which count."""
        return self.day_of(first), self.day_of(last + timedelta(days=1))


def build_calendar(settings: Mapping[str, Any], as_of: date) -> WorkingCalendar:
    """`settings`: country (ISO 3166), subdivision, weekend (names of days), holidays (ISO dates). All may be absent.

    Without a country there are no public holidays. Raises SettingIsInvalid.
    """
    country = settings.get("country")
    names = _public_holidays(country, settings.get("subdivision"), as_of)
    names |= {read_date("calendar.holidays", day): "day off" for day in settings.get("holidays") or ()}
    weekend = [str(day).lower() for day in settings.get("weekend", ("saturday", "sunday"))]
    if unknown := set(weekend) - set(_DAYS):
        raise SettingIsInvalid(f"calendar.weekend has {min(unknown)!r}; name days in English, e.g. saturday.")
    if len(set(weekend)) == len(_DAYS):
        raise SettingIsInvalid("calendar.weekend leaves no day to work on.")
    mask = [day not in weekend for day in _DAYS]
    days = np.busdaycalendar(weekmask=mask, holidays=sorted(names))
    first = _as_date(np.busday_offset(as_of, 0, roll="forward", busdaycal=days))
    return WorkingCalendar(first, names, days, country)


def _public_holidays(country: str | None, subdivision: str | None, as_of: date) -> dict[date, str]:
    if country is None:
        return {}
    try:
        found = holidays.country_holidays(
            country, subdiv=subdivision, years=range(as_of.year, as_of.year + _YEARS), language="en_US"
        )
    except NotImplementedError:  # how the library says that it has no such country or subdivision
        where = f"{country}, {subdivision}" if subdivision else str(country)
        raise SettingIsInvalid(
            f"No public holidays are known for {where}; calendar.country is an ISO 3166 code such as DE."
        ) from None
    return dict(sorted(found.items()))


def _as_date(day: "np.datetime64") -> date:
    found = day.item()
    assert isinstance(found, date)
    return found


def list_days_off(country: str | None, away: Iterable[date], first: date, last: date) -> list[date]:
    """A team's own public holidays and days off in a span."""
    days = {*away, *_public_holidays(country, None, first)}
    return sorted(day for day in days if first <= day <= last)


def read_date(setting: str, value: object) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise SettingIsInvalid(f"{setting} has {value!r}; give ISO dates such as 2026-12-24.") from None


def read_span(setting: str, value: object) -> tuple[date, date]:
    """`{"starts", "ends"}`, or two dates, or "2026-12-18..2027-01-04"; both ends count."""
    if isinstance(value, Mapping):
        ends = value.get("starts"), value.get("ends")
    elif isinstance(value, str):
        ends = tuple(value.split(".."))  # type: ignore[assignment]
    else:
        ends = tuple(value) if isinstance(value, list | tuple) else ()
    if len(ends) != 2:
        raise SettingIsInvalid(f"{setting} has {value!r}; give starts and ends.")
    first, last = (read_date(setting, each) for each in ends)
    if last < first:
        raise SettingIsInvalid(f"{setting} has {value!r}, which ends before it starts.")
    return first, last
