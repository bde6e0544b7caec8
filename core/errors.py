"""One small tree of errors. A message says what happened, to what, and what to do next."""

from __future__ import annotations


class PromowatchError(Exception):
    """Something the user can act on. `str(error)` is one line, ready for a terminal.

    `hint` is the next step ("run `promowatch lint`"); it is joined to the message by a semicolon.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.message = message
        self.hint = hint


class BadInput(PromowatchError):
    """The command was given something it cannot work with (exit status 2)."""


class CatalogueError(BadInput):
    """A catalogue or target file is wrong. The message begins with `file:line:`."""


class AddressRefused(PromowatchError):
    """The network guard refused an address: it is not public, and the target does not name it."""


class StorageError(PromowatchError):
    """The data folder or the database cannot be used (read-only, full, locked, old schema)."""


class Unreadable(PromowatchError):
    """Bytes that were fetched cannot be read as what they should be; the caller records a gap."""
