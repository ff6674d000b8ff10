"""SetFit as a baseline (Tunstall et al. 2022): contrastive fine-tuning of the same encoder on the same seeds.

Needs the extra ``setfit``. It trains weights, so it takes minutes where the other baselines take seconds; it runs
only where it is asked for, and its time is told.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from corpus.errors import UsageError
from evaluation.benchmarks.baselines import SEED, Task
from evaluation.metrics.grouping import Floats
from models.weights import packaged_model

STEPS = 150
PAIRS = 16
"""Pairs of texts a step."""
RATE = 3e-5
TOKENS = 128
"""Longest part of a text that is trained on: attention costs its square."""


def setfit(task: Task, *, model: Path | None = None, steps: int = STEPS) -> Floats:
    """Fine-tune on the coded seeds and score the texts, shape (texts, codes), columns in codebook order.

    Args:
        task: As for every baseline.
        model: Folder of a sentence-transformers model; the packaged one if None.
        steps: Of ``PAIRS`` pairs each.

    Raises:
        UsageError: If the extra is not installed.
    """
    try:
        from datasets import Dataset
        from setfit import SetFitModel, Trainer, TrainingArguments
    except ImportError:
        raise UsageError("the SetFit baseline needs its extra; type: pip install 'precode[setfit]'") from None
    column = {code: n for n, code in enumerate(task.codebook.ids)}
    rows = {
        "text": [quote.text for quote in task.seeds.coded],
        "label": [column[str(quote.code)] for quote in task.seeds.coded],
    }
    net = SetFitModel.from_pretrained(str(model or packaged_model()), local_files_only=True)
    net.model_body.max_seq_length = TOKENS
    with TemporaryDirectory() as scratch:
        arguments = TrainingArguments(
            output_dir=scratch,
            batch_size=(PAIRS, PAIRS),
            max_steps=steps,
            body_learning_rate=(RATE, RATE),
            seed=SEED,
            save_strategy="no",
            report_to="none",
            show_progress_bar=False,
        )
        trainer = Trainer(model=net, args=arguments, train_dataset=Dataset.from_dict(rows))
        trainer.train()
    known = [int(label) for label in net.model_head.classes_]
    scores = np.zeros((len(task.texts), len(column)))
    scores[:, known] = np.asarray(net.predict_proba(list(task.texts), show_progress_bar=False), dtype=np.float64)
    return scores
