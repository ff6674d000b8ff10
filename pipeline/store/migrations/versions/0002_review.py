"""Review in the browser: marks, keys of decisions, who recorded a consensus, runner-up codes, scored sentences.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE_TRIGGERS = (
    # INSERT OR REPLACE would delete the entry that has the key without waking the trigger on DELETE.
    "CREATE TRIGGER decisions_never_replaced_by_key BEFORE INSERT ON decisions"
    " WHEN NEW.key IS NOT NULL AND EXISTS (SELECT 1 FROM decisions WHERE key = NEW.key)"
    " BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END",
    "CREATE TRIGGER marks_never_change BEFORE UPDATE ON marks BEGIN SELECT RAISE(ABORT, 'marks are append-only'); END",
    "CREATE TRIGGER marks_never_vanish BEFORE DELETE ON marks BEGIN SELECT RAISE(ABORT, 'marks are append-only'); END",
    "CREATE TRIGGER marks_never_replaced BEFORE INSERT ON marks"
    " WHEN EXISTS (SELECT 1 FROM marks WHERE id = NEW.id)"
    " BEGIN SELECT RAISE(ABORT, 'marks are append-only'); END",
)

POSTGRESQL_TRIGGERS = (
    "CREATE TRIGGER marks_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON marks"
    " FOR EACH STATEMENT EXECUTE FUNCTION precode_refuse()",
)


def upgrade() -> None:
    op.add_column("outcomes", sa.Column("sentences", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("suggestions", sa.Column("alternatives", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("decisions", sa.Column("recorder", sa.Text(), nullable=False, server_default=""))
    op.add_column("decisions", sa.Column("key", sa.String(64)))
    op.create_index("ix_decisions_key", "decisions", ["key"], unique=True)
    _marks()
    for statement in SQLITE_TRIGGERS if op.get_context().dialect.name == "sqlite" else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("time", sa.DateTime(), nullable=False),
        sa.Column("coder", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), sa.ForeignKey("transcripts.id", name="fk_marks_version")),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("start", sa.Integer()),
        sa.Column("end", sa.Integer()),
        sa.Column("code", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_marks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_marks_version", "marks", ["version"])
