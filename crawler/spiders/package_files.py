"""Package files: mini-programs and applications of phones, judged without touching the network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
from scrapy.http import Response

from core.errors import BadInput
from core.gap import Gap, GapKind
from crawler.extractors import Extraction
from crawler.extractors.packages import PackageName
from crawler.frontier import remember
from crawler.sources import app_id_in, read_package_file
from crawler.spiders.base import SurfaceSpider, noticed


class PackageFilesSpider(SurfaceSpider):
    """`promowatch scan program.wxapkg`, `promowatch scan app.apk` and folders of such files."""

    name = "package_files"
    resolves_links = False

    def __init__(self, target: Any, **kwargs: Any) -> None:
        super().__init__(target, **kwargs)
        self._applications = {(platform, id_) for platform, id_ in self.earlier.of("application")}

    async def start(self) -> AsyncIterator[Any]:
        """One request per file, answered at once."""
        for seed in self.target.seeds:
            if self.first_visit(seed):
                yield self.local_file_request(seed, self.parse)

    async def parse(self, response: Response) -> AsyncIterator[Any]:
        """The items of one package; its app id is the one given, else the one in its path."""
        path = Path(response.meta["local_file"])
        if self.stopping:
            return
        limit = self.target.limits.max_package_bytes
        try:
            capture = await asyncio.to_thread(read_package_file, path, limit)
        except BadInput as error:
            kind = GapKind.TOO_LARGE if "larger" in error.message else GapKind.UNREACHABLE
            yield noticed(Gap(kind, str(path), str(error)))
            return
        app_id = self.settings.get("PROMOWATCH_APP_ID") or app_id_in(path)
        extraction = await self.packages.read(capture, PackageName(path.name, app_id))
        items = self.seen(capture, self._apart(extraction, path))
        for item in items if isinstance(items, list) else await items:
            yield item

    def _apart(self, extraction: Extraction, path: Path) -> Extraction:
        """`extraction`; a second package of one application (an older version beside the newest)
        is a surface of its own, so that neither hides what the other says."""
        document = extraction.document
        entry = document.entry
        if entry is None or (entry.platform, entry.app_id) not in self._applications:
            if entry is not None:
                self._applications.add((entry.platform, entry.app_id))
                remember("application", entry.platform, entry.app_id)
            return extraction
        app_id = f"{entry.app_id}:{path.parent.name}/{path.name}"
        entry = msgspec.structs.replace(entry, app_id=app_id)
        document = msgspec.structs.replace(document, entry=entry)
        return msgspec.structs.replace(extraction, document=document)
