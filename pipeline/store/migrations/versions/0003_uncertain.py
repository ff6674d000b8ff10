"""Suggestions that no evidence carries are marked as uncertain.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("suggestions", sa.Column("uncertain", sa.Boolean(), nullable=False, server_default=sa.false()))
