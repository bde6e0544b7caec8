"""The local demonstration site, served on loopback, and what a scan of it must find."""

from tests.site.server import DemonstrationSite

__all__ = ["DemonstrationSite"]
