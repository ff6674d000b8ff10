"""Exports and models that are files only: nothing in them could be run."""

import json
from dataclasses import asdict

from corpus.files import digest_file
from models.onnx_manifest import GRAPH, MANIFEST, TOKENIZER, OnnxManifest


def write_export(folder, source="s" * 64, content=b"graph"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH).write_bytes(content)
    (folder / TOKENIZER).write_bytes(b"{}")
    digests = {name: digest_file(folder / name) for name in (GRAPH, TOKENIZER)}
    manifest = OnnxManifest(source, "fp32", 384, 256, 0, digests)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest)), encoding="utf-8")


def rewritten(home, **values):
    manifest = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
    (home / MANIFEST).write_text(json.dumps({**manifest, **values}), encoding="utf-8")


def write_model(folder, content=b"weights"):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "model.safetensors").write_bytes(content)
    (folder / TOKENIZER).write_text("{}", encoding="utf-8")
    return folder
