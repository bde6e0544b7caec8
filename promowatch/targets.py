"""`promowatch targets`: what can be scanned by name."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from core.target import load_targets
from core.text import one_line
from promowatch import options
from promowatch.terminal import results


def targets(catalogue: options.Catalogue = options.DEFAULT_CATALOGUE) -> None:
    """List the targets of the catalogue.

    Example: promowatch targets
    """
    table = Table(box=None, header_style="bold")
    for heading in ("id", "surface", "title", "seeds", "schedule"):
        table.add_column(heading, overflow="fold")
    for target in load_targets(catalogue / "targets").values():
        table.add_row(
            Text(target.id),
            target.surface,
            Text(one_line(target.title)),
            Text(one_line(", ".join(target.seeds))),
            Text(target.timing.words if target.timing else "when asked"),
        )
    results().print(table)
