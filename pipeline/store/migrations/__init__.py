"""Migrations of the study database; ``env.py`` is what alembic runs."""
