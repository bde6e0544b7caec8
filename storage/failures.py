"""What the disk and the database driver say, as one line a person can act on."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from core import StorageError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FREE_SPACE = "free some space or use another data folder, then run it again"
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_PERMISSION = "give this user write permission there, or use another data folder"


class ServerGone(StorageError):
    """The database server does not answer: it may be back in a moment."""


@contextmanager
def translating(database: str) -> Iterator[None]:
    """Turn driver errors about `database` into StorageError; other errors pass."""
    try:
        yield
    except DBAPIError as error:
        raise database_error(database, error.orig or error) from error
    except sqlite3.Error as error:
        raise database_error(database, error) from error


def database_error(path: str, error: BaseException) -> StorageError:
    """The StorageError for what a driver said of the database called `path`."""
    if isinstance(error, sqlite3.Error):
        return _sqlite_error(path, error)
    return _server_error(path, error)


def _server_error(name: str, error: BaseException) -> StorageError:
    """States are those of PostgreSQL (appendix A of its manual); none: the connection is gone."""
    state = getattr(error, "sqlstate", None) or ""
    lines = str(error).strip().splitlines()
    said = lines[0] if lines else type(error).__name__
    if not state or state.startswith(("08", "57P")):
        return ServerGone(
            f"the database server of {name} does not answer ({said})",
            hint="see that it runs and that PROMOWATCH_DATABASE_URL is right, then run it again",
        )
    if state.startswith("28"):
        return StorageError(
            f"the database server of {name} refused the user ({said})",
            hint="see the user and password in PROMOWATCH_DATABASE_URL",
        )
    if state == "3D000":
        return StorageError(f"there is no database {name}", hint="make it with `createdb`")
    if state == "53100":
        return StorageError(f"the disk under {name} is full", hint="free some space on the server")
    if state in ("55P03", "40P01"):
        return StorageError(
            f"the database {name} is locked by another process",
            hint="wait until that one is done (or end it), then run it again",
        )
    if state in ("25006", "42501"):
        return StorageError(
            f"the database {name} cannot be written ({said})",
            hint="give its user the right to write, and use the server that is not a copy",
        )
    return StorageError(f"the database {name} refused a statement ({said})", hint="report this")


def _sqlite_error(path: str, error: sqlite3.Error) -> StorageError:
    """Names are those of https://www.sqlite.org/rescode.html; extended codes begin with the
    primary one."""
    name = getattr(error, "sqlite_errorname", None) or ""
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StorageError(
            f"the database {path} is locked by another process",
            hint="wait until that one is done (or end it), then run it again",
        )
    if name == "SQLITE_FULL":
        return StorageError(f"the disk under {path} is full", hint=_FREE_SPACE)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return StorageError(f"the database {path} cannot be written ({said})", hint=_PERMISSION)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StorageError(
            f"the database {path} is damaged or no database ({said})",
            hint="restore it from a backup, or move it away to begin a new one",
        )
    if name.startswith("SQLITE_IOERR"):
        return StorageError(
            f"the disk under {path} cannot be written or read ({said})",
            hint="check its free space and its health, then run it again",
        )
    return StorageError(f"the database {path} refused a statement ({said})", hint="report this")


def file_error(what: str, path: Path, error: OSError) -> StorageError:
    """The StorageError for an OSError met while writing or reading `path`, called `what`."""
    said = error.strerror or type(error).__name__
    if error.errno in _FULL:
        return StorageError(f"the disk is full: {what} {path} was not written", hint=_FREE_SPACE)
    if isinstance(error, FileExistsError | NotADirectoryError):
        return StorageError(
            f"{what} {path} cannot be a folder: a file stands in its place",
            hint="move that file, or use another data folder",
        )
    hint = _PERMISSION if error.errno in _REFUSED else "check the path and the disk"
    return StorageError(f"{what} {path} cannot be used ({said})", hint=hint)
