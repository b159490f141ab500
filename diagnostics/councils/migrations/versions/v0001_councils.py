"""Councils, their dated members, and the history of their changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables. There is no way down: the backup is the way back."""
    op.create_table(
        "departement",
        sa.Column("code", sa.String(3), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_departement"),
    )
    op.create_table(
        "council",
        sa.Column("departement", sa.String(3), nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("type", sa.String(10), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("checked", sa.Date),
        sa.Column("removed", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["departement"], ["departement.code"], name="fk_council_departement"
        ),
        sa.PrimaryKeyConstraint("departement", "id", name="pk_council"),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("departement", sa.String(3), nullable=False),
        sa.Column("council_id", sa.Text, nullable=False),
        sa.Column("code_insee", sa.String(5), nullable=False),
        sa.Column("start", sa.Date),
        sa.Column("end", sa.Date),
        sa.Column("source", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["departement", "council_id"],
            ["council.departement", "council.id"],
            name="fk_membership_council",
        ),
        sa.CheckConstraint('"start" <= "end"', name="ck_membership_in_order"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    op.create_index(
        "ix_membership_departement_council_id", "membership", ["departement", "council_id"]
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("departement", sa.String(3), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("undoes", sa.Integer),
        sa.Column("undone_by", sa.Integer),
        sa.ForeignKeyConstraint(["departement"], ["departement.code"], name="fk_entry_departement"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
    )
    op.create_index("ix_entry_departement", "entry", ["departement"])
    op.create_table(
        "change",
        sa.Column("entry_id", sa.Integer, nullable=False),
        sa.Column("departement", sa.String(3), nullable=False),
        sa.Column("council_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["departement", "council_id"],
            ["council.departement", "council.id"],
            name="fk_change_council",
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_change_entry"),
        sa.PrimaryKeyConstraint("entry_id", "departement", "council_id", name="pk_change"),
    )
