"""A second reader that takes its process with it."""

import os


class Scanner:
    def __init__(self, *_args: object, **_options: object) -> None:
        os.abort()
