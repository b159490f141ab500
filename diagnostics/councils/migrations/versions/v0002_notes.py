"""What is kept with each council and year: texts, logo, decks produced."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of notes, logos and decks."""
    op.add_column("council", sa.Column("logo", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "note",
        sa.Column("departement", sa.String(3), nullable=False),
        sa.Column("council_id", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("retained", sa.Text, nullable=False),
        sa.Column("set_aside", sa.Text, nullable=False),
        sa.Column("decisions", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement", "council_id"],
            ["council.departement", "council.id"],
            name="fk_note_council",
        ),
        sa.PrimaryKeyConstraint("departement", "council_id", "year", "version", name="pk_note"),
    )
    op.create_table(
        "logo",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(20), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_logo"),
    )
    op.create_table(
        "deck",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("departement", sa.String(3), nullable=False),
        sa.Column("council_id", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["departement", "council_id"],
            ["council.departement", "council.id"],
            name="fk_deck_council",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deck"),
    )
    op.create_index("ix_deck_departement_council_id", "deck", ["departement", "council_id"])
