"""How many QR codes on posters are read, by each reader alone and by both.

    python -m benchmarks.qr [--each 30]

Draws a seeded set of posters for each distortion (`benchmarks/posters.py`; 30 each are 453 pictures
with 474 codes) and prints, in one run, the share of codes read per distortion and the CPU
milliseconds per picture. `product` is what a scan does: zxing-cpp and tapirscan, union; `reason` is
the same where the page gives a reason to look harder (it asks its reader to scan).
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import zxingcpp
from PIL import Image
from tapirscan import Scanner

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.posters import posters
from core.target import Limits
from crawler.picture_process import PictureTask, answer

Reading = Callable[[bytes], set[str]]


def grey(body: bytes) -> Image.Image:
    """The picture as both readers want it."""
    return Image.open(io.BytesIO(body)).convert("L")


def by_zxing(body: bytes) -> set[str]:
    """zxing-cpp alone, as it comes."""
    found = zxingcpp.read_barcodes(grey(body), formats=zxingcpp.BarcodeFormat.QRCode)
    return {code.text for code in found}


def by_tapirscan(effort: str) -> Reading:
    """tapirscan alone."""
    scanner = Scanner(effort, formats=["QRCode"], parallel=False)  # type: ignore[arg-type]
    return lambda body: set(scanner.scan(grey(body)).values)


def by_product(*, thorough: bool) -> Reading:
    """What the picture process of a scan does."""

    def read(body: bytes) -> set[str]:
        found = answer(PictureTask(body, "", Limits(), thorough))
        if found.failure:
            raise SystemExit(f"the second reader failed: {found.failure}")
        return {payload.text for payload in found.payloads}

    return read


READINGS: dict[str, Reading] = {
    "zxing-cpp": by_zxing,
    "tapirscan medium": by_tapirscan("medium"),
    "tapirscan very-high": by_tapirscan("very-high"),
    "product": by_product(thorough=False),
    "product, reason": by_product(thorough=True),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=30, help="posters per distortion (default 30)")
    made = posters(parser.parse_args().each)
    wanted: Counter[str] = Counter()
    read: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: Counter[str] = Counter()
    for poster in made:
        wanted[poster.distortion] += len(poster.texts)
        for name, reading in READINGS.items():
            began = time.process_time()
            found = reading(poster.body)
            seconds[name] += time.process_time() - began  # type: ignore[assignment]
            read[poster.distortion][name] += len(found & set(poster.texts))
    print(f"{len(made)} pictures, {wanted.total()} codes; share read:")
    print(f"{'':26}" + "".join(f"{name:>21}" for name in READINGS))
    for distortion, codes in wanted.items():
        shares = (read[distortion][name] / codes for name in READINGS)
        print(f"{distortion:26}" + "".join(f"{share:21.3f}" for share in shares))
    rest = [d for d in wanted if d != "warped"]
    codes = sum(wanted[d] for d in rest)
    totals = (sum(read[d][name] for d in rest) / codes for name in READINGS)
    print(f"{'all but warped':26}" + "".join(f"{total:21.3f}" for total in totals))
    costs = (1e3 * seconds[name] / len(made) for name in READINGS)
    print(f"{'CPU ms a picture':26}" + "".join(f"{cost:21.1f}" for cost in costs))


if __name__ == "__main__":
    main()
