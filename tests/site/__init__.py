"""Local sites served on loopback: the demonstration site, and one that does everything wrong."""

from tests.site.endpoints import Endpoint
from tests.site.misbehaving import MisbehavingSite
from tests.site.server import DemonstrationSite

__all__ = ["DemonstrationSite", "Endpoint", "MisbehavingSite"]
