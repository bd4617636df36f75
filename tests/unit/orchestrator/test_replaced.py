"""Frozen values are replaced as dataclasses.replace does it."""

from dataclasses import FrozenInstanceError, replace

import pytest

from caravan_orchestrator.domain.model import Phase
from caravan_orchestrator.domain.replaced import replaced
from caravan_orchestrator.domain.states import PhaseStatus

PHASE = Phase("gather", 0, summary={"rows": 1})


def test_it_gives_what_dataclasses_replace_gives_and_leaves_the_old_value_alone() -> None:
    changes = {"status": PhaseStatus.ACTIVE, "reason": "retried"}
    assert replaced(PHASE, **changes) == replace(PHASE, **changes)  # type: ignore[arg-type]
    assert (PHASE.status, PHASE.reason) == (PhaseStatus.PENDING, None)


def test_without_a_change_it_is_another_object_of_the_same_value() -> None:
    assert replaced(PHASE) == PHASE
    assert replaced(PHASE) is not PHASE


def test_the_copy_is_frozen_too() -> None:
    with pytest.raises(FrozenInstanceError):
        replaced(PHASE).reason = "changed"  # type: ignore[misc]


def test_a_field_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        replaced(PHASE, state="active")
