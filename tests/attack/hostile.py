"""Ways in which a study that somebody sent could try to run a program of theirs; each leaves a file if it succeeds."""

import json
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from tests.attack.studies import small_study

MODULES = (
    "corpus",
    "models",
    "pipeline",
    "evaluation",
    "flows",
    "sitecustomize",
    "usercustomize",
    "numpy",
    "prefect",
    "spacy",
)
CACHED = (
    "suggester-{}.joblib",
    "suggester-{}.npz",
    "suggester-{}.pkl",
    "vectors.db",
    "segments.db",
    "model.pt",
    "digests",
)


class Trap:
    """Leaves a file when it is unpickled."""

    def __init__(self, sprung):
        self.sprung = sprung

    def __reduce__(self):
        return Path.write_text, (self.sprung, "sprung")


def _program(sprung):
    return f"import pathlib\npathlib.Path({str(sprung)!r}).write_text('sprung')\n"


def _pickled(study, sprung):
    """Every file of the cache is a pickle, under the names of any recipe."""
    names = [name.format("0" * 16) for name in CACHED]
    for name in [*names, *(path.name for path in study.cache.iterdir())]:
        path = study.cache / name
        path.write_bytes(pickle.dumps(Trap(sprung)))
        path.with_suffix(".sha256").write_text("0" * 64)


def _object_arrays(study, sprung):
    for path in [*study.cache.glob("*.npz"), study.cache / "suggester-x.npz"]:
        with path.open("wb") as file:
            np.savez(file, domains=np.array([Trap(sprung)], dtype=object))


def _modules(study, sprung):
    """Modules of our names and of libraries in the study, which may be the current folder."""
    for name in MODULES:
        (study.folder / f"{name}.py").write_text(_program(sprung), encoding="utf-8")


def _model_folder(study, sprung):
    model = study.folder / "model"
    model.mkdir()
    modules = [{"idx": 0, "name": "0", "path": "", "type": "mine.Mine"}]
    (model / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    (model / "config.json").write_text(
        '{"model_type": "bert", "auto_map": {"AutoModel": "mine.Mine"}}', encoding="utf-8"
    )
    (model / "mine.py").write_text(_program(sprung) + "class Mine: pass\n", encoding="utf-8")
    (model / "pytorch_model.bin").write_bytes(pickle.dumps(Trap(sprung)))
    settings = study.folder / "study.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('encoder = "lexical"', 'encoder = "model"'))


def _prefect_settings(study, sprung):
    """Settings of Prefect in the current folder, which name a logging configuration that calls a function."""
    logging = study.folder / "logging.yml"
    (study.folder / "hook.py").write_text(_program(sprung) + "class F:\n    pass\n", encoding="utf-8")
    logging.write_text(
        'version: 1\nformatters:\n  trap:\n    "()": hook.F\nhandlers:\n  h:\n    class: logging.StreamHandler\n'
        "    formatter: trap\nroot:\n  handlers: [h]\n",
        encoding="utf-8",
    )
    table = f'config_path = "{logging}"\n'
    (study.folder / "prefect.toml").write_text(f"[logging]\n{table}", encoding="utf-8")
    (study.folder / "pyproject.toml").write_text(f"[tool.prefect.logging]\n{table}", encoding="utf-8")
    (study.folder / ".env").write_text(f"PREFECT_LOGGING_CONFIG_PATH={logging}\nPYTHONPATH=.\n", encoding="utf-8")


def _database(study, sprung):
    """A database whose schema would load a library."""
    with closing(sqlite3.connect(study.folder / "study.db")) as database, database:
        library = str(sprung.parent / "library.so")
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute(f"CREATE VIEW decisions AS SELECT load_extension('{library}') AS id")


def _evaluated(study, sprung):
    """Programs in place of values, wherever a value is read."""
    program = f"__import__('pathlib').Path({str(sprung)!r}).write_text('sprung')"
    settings = study.folder / "study.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8") + f"[transcripts]\ninterviewers = [{json.dumps(program)}]\n"
    )
    (study.folder / "participants.csv").write_text(f'id,role\nP00,"={program}"\n', encoding="utf-8")
    (study.folder / "learned").mkdir(exist_ok=True)
    (study.folder / "learned" / "history.jsonl").write_text(f"{program}\n", encoding="utf-8")


WAYS = {
    "pickles in the cache": _pickled,
    "object arrays in the cache": _object_arrays,
    "modules in the study": _modules,
    "a model with programs": _model_folder,
    "settings of Prefect": _prefect_settings,
    "a database that loads": _database,
    "programs as values": _evaluated,
}


def hostile_study(folder, way, sprung):
    """Make a study that tries one way; ``sprung`` is the file that tells of success."""
    study = small_study(folder, encoder="lexical", interviews=1)
    WAYS[way](study, sprung)
    return study
