"""PDFs written for tests, object by object (ISO 32000-1, 7.5)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import msgspec
from PIL import Image


class Sheet(msgspec.Struct, frozen=True):
    """One page of `size` points: lines of text from its top, a picture at (`left`, `bottom`, side)
    in points, link annotations. `hidden` text is drawn in no ink (text rendering mode 3)."""

    lines: tuple[str, ...] = ()
    picture: Image.Image | None = None
    place: tuple[int, int, int] = (100, 100, 120)
    links: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    size: tuple[float, float] = (595, 842)


def pdf(sheets: Sequence[Sheet], *, title: str = "", trailer: str = "") -> bytes:
    """A PDF of these pages, uncompressed but for pictures."""
    objects: list[bytes] = [b"", b"", b"", b""]
    kids = []
    for sheet in sheets:
        kids.append(len(objects) + 1)
        _add(objects, sheet)
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{listed}] >>".encode()
    objects[2] = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        b"/DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>] >>"
    )
    objects[3] = f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>".encode()
    return _file(objects, trailer)


def endless(count: int = 2_000_000_000) -> bytes:
    """A PDF that says it has `count` pages, in a tree whose branch is its own child."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [3 0 R 2 0 R 2 0 R] >>".encode(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    ]
    return _file(objects, "")


def exploding(levels: int = 9) -> bytes:
    """A PDF whose page draws a form that draws ten forms that draw ten forms ..."""
    first = 4
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents {first} 0 R "
        f"/Resources << /XObject << /X {first + 1} 0 R >> >> >>".encode(),
        _stream("", b"/X Do"),
    ]
    for level in range(levels):
        inner = f"/Resources << /XObject << /X {first + 2 + level} 0 R >> >>"
        last = level + 1 == levels
        head = f"/Type /XObject /Subtype /Form /BBox [0 0 200 200] {'' if last else inner}"
        objects.append(_stream(head, b"0 0 99 99 re f " if last else b"/X Do " * 10))
    return _file(objects, "")


def encrypted() -> bytes:
    """A PDF that asks for a password nobody has (standard handler, revision 2)."""
    key = "<" + "5a" * 32 + ">"
    handler = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O {key} /U {key} /P -4 >>"
    return pdf([Sheet(("secret",))], trailer=f"{handler} /ID [<00> <00>]")


def _add(objects: list[bytes], sheet: Sheet) -> None:
    number = len(objects) + 1
    drawing = [f"BT /F 14 Tf 60 {sheet.size[1] - 80:g} Td 20 TL"]
    drawing += [f"<{line.encode('utf-16-be').hex()}> Tj T*" for line in sheet.lines]
    drawing += [f"3 Tr <{line.encode('utf-16-be').hex()}> Tj T*" for line in sheet.hidden]
    drawing.append("ET")
    resources = "/Font << /F 3 0 R >>"
    if sheet.picture is not None:
        left, bottom, side = sheet.place
        drawing.append(f"q {side} 0 0 {side} {left} {bottom} cm /P Do Q")
        resources += f" /XObject << /P {number + 2} 0 R >>"
    notes = " ".join(
        f"<< /Type /Annot /Subtype /Link /Rect [10 10 50 50] /A << /S /URI /URI ({link}) >> >>"
        for link in sheet.links
    )
    width, height = sheet.size
    objects.append(
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:g} {height:g}] "
        f"/Contents {number + 1} 0 R /Resources << {resources} >> /Annots [{notes}] >>".encode()
    )
    objects.append(_stream("", "\n".join(drawing).encode()))
    if sheet.picture is not None:
        grey = sheet.picture.convert("L")
        head = (
            f"/Type /XObject /Subtype /Image /Width {grey.width} /Height {grey.height} "
            "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode"
        )
        objects.append(_stream(head, zlib.compress(grey.tobytes())))


def _stream(head: str, data: bytes) -> bytes:
    return f"<< {head} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _file(objects: Sequence[bytes], trailer: str) -> bytes:
    body = bytearray(b"%PDF-1.7\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    table = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    info = "/Info 4 0 R" if len(objects) > 3 else ""
    body += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {info} {trailer} >>\n"
        f"startxref\n{table}\n%%EOF\n"
    ).encode()
    return bytes(body)
