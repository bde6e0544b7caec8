"""The formats inside of applications, written byte by byte for tests: zip, DEX, string pools,
binary XML, AAPT2's protocol buffers."""

from __future__ import annotations

import io
import struct
import zipfile


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of `members`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name), body, method)
    return target.getvalue()


def dex(strings: list[str]) -> bytes:
    """A program that has a string table and nothing else."""
    start = 0x70 + 4 * len(strings)
    offsets, data = b"", b""
    for text in strings:
        offsets += struct.pack("<I", start + len(data))
        raw = text.encode("utf-16", "surrogatepass")[2:]
        units = [
            raw[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(raw), 2)
        ]
        data += _uleb(len(units)) + "".join(units).encode("utf-8", "surrogatepass") + b"\0"
    header = b"dex\n035\0" + bytes(0x30) + struct.pack("<II", len(strings), 0x70)
    return header + bytes(0x70 - len(header)) + offsets + data


def _uleb(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def string_pool(strings: list[str], *, utf8: bool) -> bytes:
    """A string pool chunk."""
    offsets, data = b"", b""
    for text in strings:
        offsets += struct.pack("<I", len(data))
        if utf8:
            raw = text.encode()
            data += _short(len(text)) + _short(len(raw)) + raw + b"\0"
        else:
            raw = text.encode("utf-16-le")
            data += struct.pack("<H", len(raw) // 2) + raw + b"\0\0"
    data += bytes(-len(data) % 4)
    start = 28 + len(offsets)
    flags = 0x100 if utf8 else 0
    head = struct.pack("<HHIIIIII", 1, 28, start + len(data), len(strings), 0, flags, start, 0)
    return head + offsets + data


def _short(size: int) -> bytes:
    return bytes([size]) if size < 0x80 else bytes([0x80 | size >> 8, size & 0xFF])


def resources(strings: list[str]) -> bytes:
    """A resource table that has a string pool and nothing else."""
    pool = string_pool(strings, utf8=True)
    return struct.pack("<HHII", 2, 12, 12 + len(pool), 0) + pool


Tag = tuple[str, dict[str, str], list["Tag | str"]]


def manifest(package: str, schemes: list[str], hosts: list[str], queried: str) -> Tag:
    """An Android manifest with one intent filter and one `<queries>`."""
    data: list[Tag | str] = [("data", {"scheme": scheme}, []) for scheme in schemes]
    data += [("data", {"host": host}, []) for host in hosts]
    return (
        "manifest",
        {"package": package},
        [
            ("queries", {}, [("package", {"name": queried}, [])]),
            (
                "application",
                {"label": "行情助手"},
                [("activity", {}, [("intent-filter", {}, data)])],
            ),
        ],
    )


def binary_xml(root: Tag) -> bytes:
    """`root` as Android's binary XML."""
    names: dict[str, int] = {}

    def number(text: str) -> int:
        return names.setdefault(text, len(names))

    def chunks(tag: Tag | str) -> bytes:
        if isinstance(tag, str):
            return struct.pack(
                "<HHIIiiHBBI", 0x104, 16, 28, 1, -1, number(tag), 8, 0, 3, number(tag)
            )
        name, attributes, children = tag
        rows = b"".join(
            struct.pack("<iiiHBBI", -1, number(k), number(v), 8, 0, 3, number(v))
            for k, v in attributes.items()
        )
        size = 16 + 20 + len(rows)
        start = struct.pack("<HHIIiiiHHHHHH", 0x102, 16, size, 1, -1, -1, number(name),
                            20, 20, len(attributes), 0, 0, 0)  # fmt: skip
        end = struct.pack("<HHIIiii", 0x103, 16, 24, 1, -1, -1, number(name))
        return start + rows + b"".join(map(chunks, children)) + end

    body = chunks(root)
    pool = string_pool(list(names), utf8=False)
    return struct.pack("<HHI", 3, 8, 8 + len(pool) + len(body)) + pool + body


def field(number: int, value: bytes) -> bytes:
    return _uleb(number << 3 | 2) + _uleb(len(value)) + value


def protobuf_xml(tag: Tag | str) -> bytes:
    """`tag` as an XmlNode of AAPT2."""
    if isinstance(tag, str):
        return field(2, tag.encode())
    name, attributes, children = tag
    element = field(3, name.encode())
    for key, value in attributes.items():
        element += field(4, field(2, key.encode()) + field(3, value.encode()))
    for child in children:
        element += field(5, protobuf_xml(child))
    return field(1, element)


def protobuf_resources(strings: list[str]) -> bytes:
    """String resources as a ResourceTable of AAPT2; the last one stands in an array."""

    def entry(value: bytes) -> bytes:
        return field(3, field(2, b"name") + field(6, field(2, value)))

    items = [field(2, field(1, text.encode())) for text in strings]
    entries = b"".join(entry(field(4, item)) for item in items[:-1])
    entries += entry(field(5, field(4, field(1, field(3, items[-1])))))
    return field(2, field(3, field(2, b"string") + entries))
