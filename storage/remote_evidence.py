"""Evidence files on other machines: an S3 bucket, or whatever else fsspec reaches.

`PROMOWATCH_EVIDENCE_URL` names the place (`s3://bucket/prefix`); keys and endpoint come from the
environment, as every S3 program reads them (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, ...).
"""

from __future__ import annotations

import importlib.util
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core import BadInput, StorageError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

EVIDENCE_URL_VARIABLE = "PROMOWATCH_EVIDENCE_URL"
_S3 = ("s3", "s3a")
_S3_CONFIG = {"connect_timeout": 5, "read_timeout": 60, "retries": {"total_max_attempts": 1}}
"""For botocore, which would wait a minute for a host that does not answer, five times. s3fs tries
a request again up to four times, with pauses up to 1.7**3 / 10 s."""
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://\S+", re.IGNORECASE)
_PASSWORD = re.compile(r"//[^/@]*@")


class EvidenceStoreGone(StorageError):
    """The evidence store does not answer or refuses: it may be back in a moment."""


class RemoteEvidence:
    """A place for evidence files under names that are never used for other bytes.

    Raises BadInput when `url` is none, or the package for its protocol is not installed; the place
    itself is asked with the first file. Safe to use from several threads.
    """

    def __init__(self, url: str) -> None:
        match = _URL.fullmatch(url)
        if match is None:
            raise BadInput(f"{EVIDENCE_URL_VARIABLE} is no URL", hint="write s3://bucket/prefix")
        self._url = url.rstrip("/")
        self._protocol = match[1].lower()
        self.name = _PASSWORD.sub("//", self._url)
        _check_installed(self._protocol)

    def keep(self, name: str, data: bytes) -> None:
        """Put `data` under `name`, whole or not at all; what is there already stays as it is.

        Raises EvidenceStoreGone.
        """
        files, root = self._place
        path = f"{root}/{name}"
        try:
            files.pipe_file(path, data, mode="create")
        except FileExistsError:
            if self._size(path) != len(data):  # a file system kept a part of it
                self._replace(path, data)
        except Exception as error:  # every protocol has exceptions of its own
            raise self._gone(error) from error

    def read(self, name: str) -> bytes:
        """The bytes under `name`. Raises FileNotFoundError, EvidenceStoreGone."""
        files, root = self._place
        try:
            data: bytes = files.cat_file(f"{root}/{name}")
        except FileNotFoundError:
            raise
        except Exception as error:
            raise self._gone(error) from error
        return data

    @cached_property
    def _place(self) -> tuple[AbstractFileSystem, str]:
        import fsspec

        options: dict[str, Any] = {"config_kwargs": _S3_CONFIG} if self._protocol in _S3 else {}
        if self._protocol in ("file", "local"):
            options = {"auto_mkdir": True}
        try:
            files, root = fsspec.url_to_fs(self._url, **options)
        except Exception as error:
            raise self._gone(error) from error
        return files, root

    def _size(self, path: str) -> int:
        files, _ = self._place
        try:
            return int(files.info(path)["size"])
        except Exception as error:
            raise self._gone(error) from error

    def _replace(self, path: str, data: bytes) -> None:
        files, _ = self._place
        try:
            files.pipe_file(path, data)
        except Exception as error:
            raise self._gone(error) from error

    def _gone(self, error: Exception) -> EvidenceStoreGone:
        lines = str(error).strip().splitlines()
        said = lines[0] if lines else type(error).__name__
        return EvidenceStoreGone(
            f"the evidence store {self.name} does not take or give files ({said})",
            hint="see that it runs, that the bucket is there and that the keys are right",
        )


def _check_installed(protocol: str) -> None:
    """Without importing what takes a quarter of a second. Raises BadInput."""
    if importlib.util.find_spec("fsspec") is None:
        raise _missing(protocol, "fsspec")
    from fsspec.registry import known_implementations

    known = known_implementations.get(protocol)
    if known is None:
        raise BadInput(
            f"{EVIDENCE_URL_VARIABLE}: `{protocol}:` is not known to fsspec",
            hint="write s3://bucket/prefix",
        )
    package = str(known["class"]).partition(".")[0]
    if importlib.util.find_spec(package) is None:
        raise _missing(protocol, package)


def _missing(protocol: str, package: str) -> BadInput:
    extra = "`pip install promowatch[remote]`" if protocol in _S3 else f"`pip install {package}`"
    return BadInput(
        f"{EVIDENCE_URL_VARIABLE}: `{protocol}:` needs the package {package}", hint=extra
    )
