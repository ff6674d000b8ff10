"""Answers of a language model that is asked for a second opinion.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "opinions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("time", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), sa.ForeignKey("transcripts.id", name="fk_opinions_version"), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("chances", sa.JSON(), nullable=False),
        sa.Column("mass", sa.Float(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_opinions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_opinions_version", "opinions", ["version"])
    op.create_index("ix_opinions_key", "opinions", ["key"], unique=True)
