"""The first schema: transcripts, runs, outcomes, suggestions, decisions, and the triggers that guard the log.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SQLITE_TRIGGERS = (
    "CREATE TRIGGER decisions_never_change BEFORE UPDATE ON decisions"
    " BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END",
    "CREATE TRIGGER decisions_never_vanish BEFORE DELETE ON decisions"
    " BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END",
    # INSERT OR REPLACE would delete without waking the trigger above.
    "CREATE TRIGGER decisions_never_replaced BEFORE INSERT ON decisions"
    " WHEN EXISTS (SELECT 1 FROM decisions WHERE id = NEW.id)"
    " BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END",
    "CREATE TRIGGER transcripts_never_change BEFORE UPDATE OF name, digest, text ON transcripts"
    " BEGIN SELECT RAISE(ABORT, 'transcripts are immutable'); END",
)

POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION precode_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER decisions_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions"
    " FOR EACH STATEMENT EXECUTE FUNCTION precode_refuse()",
    "CREATE TRIGGER transcripts_never_change BEFORE UPDATE OF name, digest, text ON transcripts"
    " FOR EACH STATEMENT EXECUTE FUNCTION precode_refuse()",
)


def upgrade() -> None:
    _transcripts()
    _runs_and_outcomes()
    _suggestions()
    _decisions()
    for statement in SQLITE_TRIGGERS if op.get_context().dialect.name == "sqlite" else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _transcripts() -> None:
    op.create_table(
        "transcripts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_digest", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("turns", sa.JSON(), nullable=False),
        sa.Column("turns_digest", sa.String(64), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("added", sa.DateTime(), nullable=False),
        sa.Column("superseded", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_transcripts"),
        sa.UniqueConstraint("name", "digest", name="uq_transcripts_name"),
        sqlite_autoincrement=True,
    )


def _runs_and_outcomes() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=False),
        sa.Column("finished", sa.DateTime()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("codebook", sa.Text(), nullable=False),
        sa.Column("seeds", sa.Text(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), sa.ForeignKey("runs.id", name="fk_outcomes_run"), nullable=False),
        sa.Column("version", sa.Integer(), sa.ForeignKey("transcripts.id", name="fk_outcomes_version")),
        sa.Column("transcript", sa.Text(), nullable=False),
        sa.Column("turns_digest", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("suggestions", sa.Integer(), nullable=False),
        sa.Column("recorded", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outcomes_run", "outcomes", ["run"])
    op.create_index("ix_outcomes_version", "outcomes", ["version"])


def _suggestions() -> None:
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Integer(), sa.ForeignKey("outcomes.id", name="fk_suggestions_outcome"), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("segments", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suggestions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_suggestions_outcome", "suggestions", ["outcome", "start", "end"])


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("time", sa.DateTime(), nullable=False),
        sa.Column("coder", sa.Text(), nullable=False),
        sa.Column(
            "version", sa.Integer(), sa.ForeignKey("transcripts.id", name="fk_decisions_version"), nullable=False
        ),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("suggestion", sa.Integer(), sa.ForeignKey("suggestions.id", name="fk_decisions_suggestion")),
        sa.Column("start", sa.Integer()),
        sa.Column("end", sa.Integer()),
        sa.Column("code", sa.Text()),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("previous", sa.Integer(), sa.ForeignKey("decisions.id", name="fk_decisions_previous")),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decisions_version", "decisions", ["version"])
    op.create_index("ix_decisions_suggestion", "decisions", ["suggestion"])
