"""``precode check``: how transcripts were read, doubts first, and what a researcher says about them."""

import json

from tests.pipeline.run_support import put


def test_it_shows_speakers_with_roles_and_first_words(precode, study):
    put(study, "P01")
    code, out, _ = precode("check", study.folder)
    assert code == 0
    assert "Anna" in out
    assert "The nurse rings me." in out
    assert "No doubts about who speaks" in out
    assert f"Next: precode run --study {study.folder}" in out


def test_doubts_come_first(precode, study):
    put(study, "A01")
    (study.transcripts / "Z99.txt").write_text("Ada: It was good.\nBo: It was not.\nAda: Yes.\nBo: No.\n")
    _, out, errors = precode("check", study.folder)
    assert out.index("Z99") < out.index("A01")
    assert "1 of 2 transcripts leave a doubt" in out
    assert "is doubtful" in errors


def test_what_is_said_is_kept(precode, study):
    (study.transcripts / "Z99.txt").write_text("Ada: It was good.\nBo: It was not.\nAda: Yes.\nBo: No.\n")
    code, out, _ = precode("check", study.folder, "--interviewer", "Ada", "--participant", "Bo")
    assert (code, "No doubts" in out) == (0, True)
    assert "No doubts" in precode("check", study.folder)[1]


def test_machines_read_json(precode, study):
    put(study, "P01")
    code, out, _ = precode("check", study.folder, "--json")
    (found,) = json.loads(out)
    assert (code, found["name"], found["turns"], found["doubtful"]) == (0, "P01", 2, [])


def test_a_file_that_cannot_be_read_is_listed_with_why(precode, study):
    (study.transcripts / "bad.docx").write_bytes(b"no zip")
    code, out, errors = precode("check", study.folder)
    assert code == 0
    assert "cannot be read" in out
    assert "bad.docx" in errors


def test_a_transcript_that_is_not_there_is_refused_with_the_choices(precode, study):
    put(study, "P01")
    code, _, errors = precode("check", study.folder, "--file", "P09", "--interviewer", "Ruth")
    assert code == 2
    assert "there are P01" in errors


def test_a_renaming_needs_both_names(precode, study):
    put(study, "P01")
    code, _, errors = precode("check", study.folder, "--rename", "Jnae")
    assert code == 2
    assert "write OLD=NEW" in errors
