"""The endpoints of the misbehaving site, and what each of them does."""

from __future__ import annotations

from enum import StrEnum


class Endpoint(StrEnum):
    """Paths, each with what it answers."""

    FINE = "/fine"  # an ordinary page, the control
    FORBIDDEN = "/status/403"  # status 403 with a body
    NOT_FOUND = "/status/404"  # status 404 with a body
    GONE = "/status/410"  # status 410
    SERVER_ERROR = "/status/500"  # status 500
    UNAVAILABLE = "/status/503"  # status 503 with Retry-After
    NO_CONTENT = "/status/204"  # status 204
    SILENT = "/silent"  # never answers
    DRIP = "/drip"  # one byte of body a second, for ever
    REDIRECT_LOOP = "/redirect/loop"  # redirects to itself
    REDIRECT_ENDLESS = "/redirect/endless"  # redirects to a new address each time
    REDIRECT_NOWHERE = "/redirect/nowhere"  # status 302 without Location
    REDIRECT_FILE = "/redirect/file"  # Location: file:///etc/passwd
    REDIRECT_SCRIPT = "/redirect/script"  # Location: javascript:alert(1)
    REDIRECT_METADATA = "/redirect/metadata"  # to 169.254.169.254
    REDIRECT_PRIVATE = "/redirect/private"  # to 10.0.0.1
    REDIRECT_IPV6 = "/redirect/ipv6"  # to [::1]
    REDIRECT_MAPPED = "/redirect/mapped"  # to [::ffff:127.0.0.1]
    REDIRECT_DECIMAL = "/redirect/decimal"  # to 2130706433
    REDIRECT_HEX = "/redirect/hex"  # to 0x7f.1
    REDIRECT_OCTAL = "/redirect/octal"  # to 0177.0.0.1
    REDIRECT_LOCALHOST = "/redirect/localhost"  # to localhost. (with the dot)
    REDIRECT_ZERO = "/redirect/zero"  # to 0.0.0.0
    REFRESH_LOOP = "/refresh/loop"  # meta refresh to itself
    HUGE = "/huge"  # 200 MB of HTML with Content-Length
    HUGE_CHUNKED = "/huge/chunked"  # 200 MB of HTML, chunked, length unknown
    GZIP_BOMB = "/gzip/bomb"  # 1.2 MB that inflate to 1.2 GB
    GZIP_NESTED = "/gzip/nested"  # a few KB, gzip twice, same end
    GZIP_BROKEN = "/gzip/broken"  # says gzip, is not
    HUGE_PICTURE = "/picture/huge.png"  # header says 50,000 x 50,000
    PICTURE_PAGE = "/picture/page"  # page that shows the huge and a broken picture
    BROKEN_PICTURE = "/picture/broken.png"  # HTML called a PNG
    BINARY_AS_HTML = "/binary"  # program code as text/html
    EMPTY = "/empty"  # status 200, no body
    NUL_BYTES = "/nul"  # NUL bytes between letters
    BROKEN_UTF8 = "/utf8"  # bytes that are no UTF-8, called UTF-8
    UNKNOWN_CHARSET = "/charset"  # a charset that does not exist
    ODD_LINKS = "/links/odd"  # javascript:, file:, data: and malformed links
    MANY_LINKS = "/links/many"  # 20,000 links
    CONTROL_CHARACTERS = "/links/control"  # control characters in title, links and file name
    RESET = "/reset"  # connection reset in mid-body
    TOO_LONG = "/length/long"  # Content-Length larger than the body, then closed
    TOO_SHORT = "/length/short"  # Content-Length smaller than the body
    BAD_STATUS_LINE = "/status/line"  # a status line without a number
    NO_HTTP = "/status/none"  # bytes that are no HTTP at all
    HEADER_BOMB = "/headers/bomb"  # 100,000 header lines
    LONG_HEADER = "/headers/long"  # one header line of 4 MB
    COOKIES = "/headers/cookies"  # 300 malformed cookies
    NESTED = "/nested"  # 100,000 elements inside one another
    LONG_WORD = "/word"  # 5,000,000 characters without a blank
    UNCLOSED = "/unclosed"  # markup that never closes
    CALENDAR = "/calendar"  # every page links to new pages, without end


LOCATIONS = {
    Endpoint.REDIRECT_LOOP: Endpoint.REDIRECT_LOOP,
    Endpoint.REDIRECT_FILE: "file:///etc/passwd",
    Endpoint.REDIRECT_SCRIPT: "javascript:alert(1)",
    Endpoint.REDIRECT_METADATA: "http://169.254.169.254/latest/meta-data/",
    Endpoint.REDIRECT_PRIVATE: "http://10.0.0.1/",
    Endpoint.REDIRECT_IPV6: "http://[::1]:{port}/secret",
    Endpoint.REDIRECT_MAPPED: "http://[::ffff:127.0.0.1]:{port}/secret",
    Endpoint.REDIRECT_DECIMAL: "http://2130706433:{port}/secret",
    Endpoint.REDIRECT_HEX: "http://0x7f.1:{port}/secret",
    Endpoint.REDIRECT_OCTAL: "http://0177.0.0.1:{port}/secret",
    Endpoint.REDIRECT_LOCALHOST: "http://localhost.:{port}/secret",
    Endpoint.REDIRECT_ZERO: "http://0.0.0.0:{port}/secret",
}
"""Where the redirects point; `{port}` is the site's own."""
