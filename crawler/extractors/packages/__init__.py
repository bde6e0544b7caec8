"""Mini-program packages and phone applications into documents: pure, in memory, bounded."""

from crawler.extractors.packages.bounds import PackageBounds
from crawler.extractors.packages.kinds import SUFFIXES, PackageKind, package_kind
from crawler.extractors.packages.package import PackageName, extract_package, unread_package
from crawler.extractors.packages.words import PackageWords

__all__ = [
    "SUFFIXES",
    "PackageBounds",
    "PackageKind",
    "PackageName",
    "PackageWords",
    "extract_package",
    "package_kind",
    "unread_package",
]
