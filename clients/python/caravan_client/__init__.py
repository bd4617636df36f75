"""Client of the Caravan gateway. `generated` is made from its OpenAPI document; what stands beside it is not."""

from caravan_client._answers import ProblemError, expect
from caravan_client._caravan import Caravan
from caravan_client._events import Event

__all__ = ["Caravan", "Event", "ProblemError", "expect"]
