"""The nouns of Promowatch and the pure helpers they need. Imports nothing of ours."""

from core.capture import Box, Capture, Exchange, Hop, Picture
from core.document import Block, Document, ListingEntry, Locator, Reference
from core.errors import (
    AddressRefused,
    BadInput,
    CatalogueError,
    PromowatchError,
    StorageError,
    Unreadable,
)
from core.gap import Gap, GapKind
from core.target import Target
from core.verdict import Evidence, LegalBasis, ServiceFinding, Signal, Verdict, Words

__all__ = [
    "AddressRefused",
    "BadInput",
    "Block",
    "Box",
    "Capture",
    "CatalogueError",
    "Document",
    "Evidence",
    "Exchange",
    "Gap",
    "GapKind",
    "Hop",
    "LegalBasis",
    "ListingEntry",
    "Locator",
    "Picture",
    "PromowatchError",
    "Reference",
    "ServiceFinding",
    "Signal",
    "StorageError",
    "Target",
    "Unreadable",
    "Verdict",
    "Words",
]
