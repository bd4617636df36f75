"""The whole platform in one process: PostgreSQL out of a wheel, in-process bus, artifacts in a folder."""

from caravan.embedded.folder import DataFolder
from caravan.embedded.platform import EmbeddedPlatform

__all__ = ["DataFolder", "EmbeddedPlatform"]
