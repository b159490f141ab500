"""What is written or removed beside the list has its entries in the history too."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables that tie an entry to a version of a note, or to a deck."""
    op.add_column(
        "deck", sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_table(
        "note_change",
        sa.Column("entry_id", sa.Integer, nullable=False),
        sa.Column("departement", sa.String(3), nullable=False),
        sa.Column("council_id", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_note_change_entry"),
        sa.ForeignKeyConstraint(
            ["departement", "council_id", "year", "version"],
            ["note.departement", "note.council_id", "note.year", "note.version"],
            name="fk_note_change_note",
        ),
        sa.PrimaryKeyConstraint("entry_id", name="pk_note_change"),
    )
    op.create_table(
        "deck_change",
        sa.Column("entry_id", sa.Integer, nullable=False),
        sa.Column("deck_id", sa.Integer, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_deck_change_entry"),
        sa.ForeignKeyConstraint(["deck_id"], ["deck.id"], name="fk_deck_change_deck"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_deck_change"),
    )
