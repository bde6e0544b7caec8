"""`promowatch db`: the schema of the database."""

from __future__ import annotations

import typer

from promowatch import options
from storage import current_revision, upgrade

app = typer.Typer(no_args_is_help=True, help="The database's schema: current, upgrade.")


@app.command("current")
def current(data: options.Data = options.DEFAULT_DATA) -> None:
    """Print the revision of the schema in the data folder."""
    print(current_revision(data) or "none")


@app.command("upgrade")
def upgrade_schema(data: options.Data = options.DEFAULT_DATA) -> None:
    """Bring the schema up to this version of the program. Nothing is lost."""
    upgrade(data)
    print(f"schema is now {current_revision(data)}")
