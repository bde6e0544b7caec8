"""Schema revisions, oldest first in `versions/`; each goes up and down."""
