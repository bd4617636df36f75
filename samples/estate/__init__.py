"""The made-up estate of a harbour logistics company, and the files its departments would hand over."""

from .build import build_estate
from .ledger import Ledger

__all__ = ["Ledger", "build_estate"]
