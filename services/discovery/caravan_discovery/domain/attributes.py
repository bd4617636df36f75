"""The canonical asset attributes, as contracts define them for every flow."""

from caravan_common.contracts.attributes import ATTRIBUTES, BY_NAME, DISCOVERY_OWNS, MAPPABLE, Attribute

__all__ = ["ATTRIBUTES", "BY_NAME", "DISCOVERY_OWNS", "MAPPABLE", "Attribute"]
