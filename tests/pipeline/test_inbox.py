"""The inbox: finished files become transcripts, refused ones are set aside, nothing is lost."""

from corpus.errors import InputError
from pipeline.inbox import take_in
from tests.pipeline.run_support import put


def drop(study, name, words="The nurse rings."):
    path = study.folder / "inbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"INT: Tell me.\nAnna: {words}\n", encoding="utf-8")
    return path


def test_finished_files_of_the_inbox_become_transcripts(study):
    path = drop(study, "P01.txt")
    assert take_in(study, now=path.stat().st_mtime + 60) == ()
    assert not path.exists()
    assert [source.name for source in study.sources().accepted] == ["P01"]


def test_a_file_that_is_being_written_waits(study):
    path = drop(study, "P01.txt")
    take_in(study, now=path.stat().st_mtime + 0.5)
    assert path.exists()


def test_other_files_stay_in_the_inbox(study):
    paths = [drop(study, "notes.pages"), drop(study, "~$P01.docx")]
    take_in(study, now=paths[0].stat().st_mtime + 60)
    assert all(path.exists() for path in paths)


def test_a_clash_of_names_is_set_aside_and_told(study):
    put(study, "P01")
    path = drop(study, "P01.txt", "Something else.")
    (error,) = take_in(study, now=path.stat().st_mtime + 60)
    assert isinstance(error, InputError)
    assert (study.folder / "inbox" / "refused" / "P01.txt").exists()
    assert "differs from transcripts/P01.txt" in str(error)


def test_of_refused_files_with_one_name_none_is_lost(study):
    put(study, "P01")
    for words in ("Something else.", "Something else again.", "A third thing."):
        path = drop(study, "P01.txt", words)
        take_in(study, now=path.stat().st_mtime + 60)
    kept = "".join(path.read_text(encoding="utf-8") for path in (study.folder / "inbox" / "refused").iterdir())
    assert all(words in kept for words in ("Something else.", "Something else again.", "A third thing."))
