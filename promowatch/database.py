"""`promowatch db`: the schema of the database."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from core.text import one_line
from promowatch import options
from storage import check, current_revision, downgrade, upgrade

app = typer.Typer(
    no_args_is_help=True,
    help="The database's schema: current, check, upgrade, downgrade. The database is the file in "
    "the data folder, or the PostgreSQL server that PROMOWATCH_DATABASE_URL names "
    "(postgresql+psycopg://user:password@host/database).",
)


@app.command("current")
def current(data: options.Data = options.DEFAULT_DATA) -> None:
    """Print the revision of the schema."""
    print(current_revision(data) or "none")


@app.command("check")
def check_schema(data: options.Data = options.DEFAULT_DATA) -> None:
    """Compare the tables with what this program needs, and see that the file is sound.

    Prints `ok`, or a line for each thing that is wrong; then the exit status is 1.
    """
    wrong = check(data)
    for line in wrong:
        print(one_line(line, 500))
    if wrong:
        sys.exit(1)
    print("ok")


@app.command("upgrade")
def upgrade_schema(data: options.Data = options.DEFAULT_DATA) -> None:
    """Bring the schema up to this version of the program. Nothing is lost."""
    upgrade(data)
    print(f"schema is now {current_revision(data)}")


@app.command("downgrade")
def downgrade_schema(
    revision: Annotated[str, typer.Argument(help="The schema to go back to, for example 0001.")],
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Take the schema back for an older program. What only newer schemas hold is lost.

    Make a copy of the database first.
    """
    downgrade(data, revision)
    print(f"schema is now {current_revision(data) or 'none'}")
