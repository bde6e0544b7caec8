"""A second reader that cannot be used."""


class Scanner:
    def __init__(self, *_args: object, **_options: object) -> None:
        raise RuntimeError("no native library for this machine")
