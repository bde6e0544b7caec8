"""A second reader that never answers. Tests put it on the path before the real one."""

import signal


class Scanner:
    def __init__(self, *_args: object, **_options: object) -> None:
        signal.pause()
