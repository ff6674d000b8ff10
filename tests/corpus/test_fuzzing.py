"""The fuzzing itself: its damage can be repeated, it sees what must not happen, and ten seconds of it find nothing."""

from __future__ import annotations

import random
import sys
import time

import pytest

from corpus.errors import InputError
from corpus.readers import SUFFIXES, read_transcript
from tests import fuzzing
from tests.corpus.readers_support import samples

SAMPLES = fuzzing.all_samples()


def test_there_is_a_sound_sample_of_every_format(tmp_path):
    assert {name[name.index(".") :] for name in samples()} == set(SUFFIXES)
    for name, content in samples().items():
        path = tmp_path / name
        path.write_bytes(content)
        assert len(read_transcript(path).turns) >= 2


@pytest.mark.parametrize("name", ["talk.txt", "generic.qdpx", "codes.qdc", "study.zip", "speakers.toml"])
def test_what_is_not_damaged_is_read(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(SAMPLES[name])
    assert fuzzing.outcome_of(path, fuzzing._reading(path)) == fuzzing.READ


@pytest.mark.parametrize("name", SAMPLES)
def test_damage_is_repeatable_and_does_damage(name):
    sound = SAMPLES[name]
    made = [fuzzing.Case(name, seed).content(sound) for seed in range(8)]
    assert made == [fuzzing.Case(name, seed).content(sound) for seed in range(8)]
    assert len({*made, sound}) > 5


@pytest.mark.parametrize("damage", fuzzing.DAMAGES)
def test_any_damage_can_be_done_to_nothing(damage):
    assert isinstance(damage(b"", random.Random(1)), bytes)


def refuse(_path):
    raise InputError("a place", "is wrong")


def ramble(_path):
    raise InputError("a place", "is wrong\nand more")


def test_outcomes(tmp_path):
    assert fuzzing.outcome_of(tmp_path, lambda _: None) == fuzzing.READ
    assert fuzzing.outcome_of(tmp_path, refuse) == fuzzing.REFUSED
    assert fuzzing.outcome_of(tmp_path, ramble) == "a message of several lines"
    assert fuzzing.outcome_of(tmp_path, lambda _: {}["missing"]).startswith("KeyError at test_fuzzing.py:")
    assert fuzzing.outcome_of(tmp_path, lambda _: sys.exit(1)).startswith("SystemExit")


@pytest.mark.slow
def test_ten_seconds_of_damage_find_nothing():
    started = time.monotonic()
    counts, findings = fuzzing.fuzz(SAMPLES, seconds=10, first=int(started))
    assert findings == []
    assert {outcome for _, outcome in counts} == {fuzzing.READ, fuzzing.REFUSED}
