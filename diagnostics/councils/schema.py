"""The tables, the same on SQLite and PostgreSQL. `migrations` makes them; a test compares both."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Utc(sa.TypeDecorator[datetime]):
    """An instant: SQLite keeps no time zone, so that it is always written and read as UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Turn an aware instant into UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """Say that what is read is UTC."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


def _of_council() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["departement", "council_id"], ["council.departement", "council.id"]
    )


departement = sa.Table(
    "departement",
    metadata,
    sa.Column("code", sa.String(3), primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),  # goes up with each entry of the history
)
council = sa.Table(
    "council",
    metadata,
    sa.Column("departement", sa.ForeignKey("departement.code"), primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),  # rows are never deleted, ids never reused
    sa.Column("type", sa.String(10), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("checked", sa.Date),
    sa.Column("removed", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("logo", sa.Text, nullable=False, server_default=""),  # sha256, or empty
    sa.Column("version", sa.Integer, nullable=False),
)
membership = sa.Table(
    "membership",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("departement", sa.String(3), nullable=False),
    sa.Column("council_id", sa.Text, nullable=False),
    sa.Column("code_insee", sa.String(5), nullable=False),
    sa.Column("start", sa.Date),
    sa.Column("end", sa.Date),
    sa.Column("source", sa.Text, nullable=False),  # empty: that of the council
    _of_council(),
    sa.CheckConstraint('"start" <= "end"', name="in_order"),
    sa.Index(None, "departement", "council_id"),
)
entry = sa.Table(
    "entry",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("departement", sa.ForeignKey("departement.code"), nullable=False, index=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("undoes", sa.Integer),
    sa.Column("undone_by", sa.Integer),
)
change = sa.Table(
    "change",
    metadata,
    sa.Column("entry_id", sa.ForeignKey("entry.id"), primary_key=True),
    sa.Column("departement", sa.String(3), primary_key=True),
    sa.Column("council_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),  # of the council, once changed
    sa.Column("before", sa.JSON),
    sa.Column("after", sa.JSON, nullable=False),
    _of_council(),
)
note = sa.Table(
    "note",
    metadata,
    sa.Column("departement", sa.String(3), primary_key=True),
    sa.Column("council_id", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),  # every version is kept
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("retained", sa.Text, nullable=False),
    sa.Column("set_aside", sa.Text, nullable=False),
    sa.Column("decisions", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
    _of_council(),
)
logo = sa.Table(
    "logo",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("media_type", sa.String(20), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
deck = sa.Table(
    "deck",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("departement", sa.String(3), nullable=False),
    sa.Column("council_id", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("edition", sa.Text, nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column(
        "removed", sa.Boolean(create_constraint=False), nullable=False, server_default=sa.false()
    ),
    _of_council(),
    sa.Index(None, "departement", "council_id"),
)
# What an entry of the history has written beside the list.
note_change = sa.Table(
    "note_change",
    metadata,
    sa.Column("entry_id", sa.ForeignKey("entry.id"), primary_key=True),
    sa.Column("departement", sa.String(3), nullable=False),
    sa.Column("council_id", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(
        ["departement", "council_id", "year", "version"],
        ["note.departement", "note.council_id", "note.year", "note.version"],
    ),
)
deck_change = sa.Table(
    "deck_change",
    metadata,
    sa.Column("entry_id", sa.ForeignKey("entry.id"), primary_key=True),
    sa.Column("deck_id", sa.ForeignKey("deck.id"), nullable=False),
    sa.Column("removed", sa.Boolean(create_constraint=False), nullable=False),
)
