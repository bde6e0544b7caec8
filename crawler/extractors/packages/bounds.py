"""What one package may cost, whatever its headers claim."""

from __future__ import annotations

import msgspec

_MIB = 1024 * 1024


class PackageBounds(msgspec.Struct, frozen=True):
    """Beyond a bound the rest is left out, with a gap. An ordinary application is far below all.

    `ratio` is looked at only once `free_bytes` have come out of an archive: XML and logs shrink
    two hundred times too, but never to a gigabyte. `nesting` counts packages inside packages.
    """

    members: int = 20_000
    member_bytes: int = 96 * _MIB
    total_bytes: int = 768 * _MIB
    free_bytes: int = 64 * _MIB
    ratio: int = 150
    name_chars: int = 1_024
    nesting: int = 2
    text_chars: int = 24_000_000
    member_chars: int = 8_000_000
    strings: int = 400_000
    string_chars: int = 20_000
    blocks: int = 10_000
    block_chars: int = 4_000_000
    references: int = 5_000
    pictures: int = 400
    picture_bytes: int = 64 * _MIB
    gaps: int = 60


BOUNDS = PackageBounds()
