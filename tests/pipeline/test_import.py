"""``precode import``: projects of other tools become studies, and studies projects of other tools."""

import json
import tomllib

import docx
import pytest

from corpus.codebook import load_codebook
from corpus.codings import load_codings
from corpus.errors import InputError
from corpus.quotes import load_quotes
from corpus.refi import DIALECTS, codes_xml, project_bytes, read_project
from corpus.refi.xml import guid_of
from corpus.shipped import selfie
from flows.cli.import_ import _shown
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.found import coder_called, transcript_name
from pipeline.exchange.importing import import_file, study_for
from pipeline.export.qda_project import book_of, code_tree, codebook_toml, matched
from pipeline.export.qdpx import write_qdc, write_qdpx
from pipeline.session import StudySession
from pipeline.store import Action, NewDecision, RunFacts
from pipeline.study import create_study, open_study
from tests.corpus.refi_samples import QUOTES, TALK, archive_of, codes_of, project_of, qde, text_source


@pytest.fixture
def ward(tmp_path):
    """A project of another tool."""
    path = tmp_path / "ward.qdpx"
    path.write_bytes(project_bytes(project_of(), DIALECTS["nvivo"]))
    return path


def brought_into(folder, *paths):
    for path in paths:
        result = import_file(path, folder)
    return result


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def log_of(folder):
    with StudySession(open_study(folder)) as session:
        return [
            (one.coder, one.action, one.span.of(TALK), one.code, one.memo)
            for one in session.store.decisions.stream()
            if one.span
        ]


def test_a_project_becomes_a_study_with_its_codes_its_talk_and_its_coders(ward, tmp_path):
    brought = brought_into(tmp_path / "study", ward)
    assert (brought.added, brought.codings, brought.decisions, brought.unmatched) == (1, 3, 3, {})
    assert (tmp_path / "study" / "transcripts" / "P01.txt").read_text(encoding="utf-8") == TALK
    assert log_of(tmp_path / "study") == [
        ("Ada", "code", QUOTES[0], "team", "Ask again.\nSoon."),
        ("Ben", "code", QUOTES[1], "money", "unclear"),
        ("Ben", "code", QUOTES[1], "skills", "unclear"),
    ]
    book = load_codebook(tmp_path / "study" / "codebook.toml")
    assert [(code.id, code.name, code.domain) for code in book.codes] == [
        ("team", "Team", "Workforce"),
        ("skills", "Skills", "Workforce"),
        ("money", "Money", "Codes"),
    ]
    settings = tomllib.loads((tmp_path / "study" / "study.toml").read_text())
    assert settings["study"]["codebook"] == "codebook.toml"
    assert (tmp_path / "study" / "participants.csv").read_text() == "id,role\nP01,carer\n"


def test_what_was_imported_feeds_the_benchmarks(ward, tmp_path):
    folder = tmp_path / "study"
    brought = brought_into(folder, ward)
    with StudySession(study_for(read_bundle(ward), folder)) as session:
        study = session.study
        transcripts = {one.name: study.read(one) for one in study.sources().accepted}
        codings = load_codings(brought.folder / "codings.jsonl", transcripts, study.codebook())
        quotes = load_quotes(brought.folder / "quotes.jsonl", study.codebook())
        assert study.seeds().coded
        assert study.participants().of("P01")["role"] == "carer"
    assert [one.span.of(TALK) for one in codings] == [QUOTES[0], QUOTES[1], QUOTES[1]]
    assert [(one.text, one.codes, one.coder) for one in quotes] == [
        (QUOTES[0], {"team"}, "Ada"),
        (QUOTES[1], {"money", "skills"}, "Ben"),
    ]
    assert [one["kind"] for one in lines_of(brought.folder / "notes.jsonl")] == ["project", "memo", "annotation"]


def test_a_second_import_adds_nothing(ward, tmp_path):
    folder = tmp_path / "study"
    again = brought_into(folder, ward, ward)
    assert (again.added, again.codings, again.decisions) == (0, 3, 0)
    assert len(log_of(folder)) == 3
    assert len(list((folder / "imports").iterdir())) == 1


def test_two_transcripts_with_the_same_words_keep_their_codings_apart(ward, tmp_path):
    folder = tmp_path / "study"
    brought_into(folder, ward)
    (folder / "transcripts" / "P02.txt").write_text(TALK, encoding="utf-8")
    rows = [{"transcript": name, "exact": "every week", "code": "team", "coder": "Cem"} for name in ("P01", "P02")]
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, rows)))
    brought = brought_into(folder, tmp_path / "more.jsonl")
    assert (brought.codings, brought.decisions) == (2, 2)
    assert brought_into(folder, tmp_path / "more.jsonl").decisions == 0


def test_a_coding_taken_back_here_stays_taken_back(ward, tmp_path):
    folder = tmp_path / "study"
    brought_into(folder, ward)
    with StudySession(study_for(read_bundle(ward), folder)) as session:
        first = next(iter(session.store.decisions.stream()))
        session.store.decisions.undo(first.id, coder=first.coder)
    assert brought_into(folder, ward).decisions == 0


def test_codes_the_study_lacks_are_told_and_kept(ward, tmp_path):
    folder = tmp_path / "study"
    create_study(folder)
    brought = brought_into(folder, ward)
    assert brought.codings == 0
    assert brought.unmatched == {"Workforce / Team": 1, "Workforce / Skills": 1, "Money": 1}
    assert [one["exact"] for one in lines_of(brought.folder / "unmatched.jsonl")] == [QUOTES[0], QUOTES[1], QUOTES[1]]
    assert (brought.folder / "ward.qdpx").read_bytes() == ward.read_bytes()


def test_codes_are_known_by_our_guid_their_name_or_an_alias():
    book = selfie()
    own, guids = book_of("ours", code_tree(book.codes))
    assert matched(own, guids, book) == dict(zip(own.ids, order_of(book), strict=True))
    assert [facts_of(code) for code in own.codes] == [facts_of(book[code]) for code in order_of(book)]
    aliased = next(code for code in book.codes if code.aliases)
    named, none = book_of("theirs", (type(codes_of()[1])("g", aliased.aliases[0].upper()),))
    assert set(matched(named, none, book).values()) == {aliased.id}


def facts_of(code):
    return code.name, code.domain, code.level, code.definition, code.include, code.exclude


def order_of(book):
    """Ids as a tree has them: domain by domain, level by level."""
    levels = {domain: [None, *(c.level for c in book.codes if c.domain == domain)] for domain in book.domains}
    return [
        c.id for c in sorted(book.codes, key=lambda c: (book.domains.index(c.domain), levels[c.domain].index(c.level)))
    ]


@pytest.mark.parametrize("tool", DIALECTS)
def test_out_to_a_tool_and_back_into_a_new_study_changes_nothing(ward, tmp_path, tool):
    first, second = tmp_path / "first", tmp_path / "second"
    brought_into(first, ward)
    back = tmp_path / "back.qdpx"
    with StudySession(study_for(read_bundle(ward), first)) as session:
        write_qdpx(back, session, tool=tool)
    brought_into(second, back)
    assert sorted(log_of(second)) == sorted(log_of(first))
    assert (second / "participants.csv").read_text() == (first / "participants.csv").read_text()


def test_our_own_export_finds_all_it_holds_in_the_study_already(ward, tmp_path):
    folder = tmp_path / "study"
    brought_into(folder, ward)
    back = tmp_path / "back.qdpx"
    with StudySession(study_for(read_bundle(ward), folder)) as session:
        write_qdpx(back, session)
    again = brought_into(folder, back)
    assert (again.added, again.codings, again.decisions, again.unmatched) == (0, 3, 0, {})


def test_suggestions_go_out_only_when_asked_for_and_never_come_back_as_codings(study, words, tmp_path):
    (study.transcripts / "P01.txt").write_text(TALK, encoding="utf-8")
    with StudySession(study) as session:
        [source] = study.sources().accepted
        transcript = study.read(source)
        version = session.store.transcripts.add(transcript, source).version
        run = session.store.runs.start(RunFacts("r", words.model, study.codebook().digest, "s"))
        session.store.runs.save(run, version, words.suggest(transcript))
        write_qdpx(tmp_path / "quiet.qdpx", session)
        write_qdpx(tmp_path / "all.qdpx", session, with_suggestions=True)
        [*stored] = session.store.suggestions.stream()
        session.store.decisions.add(
            NewDecision("Ada", stored[0].version, Action.ACCEPT, suggestion=stored[0].id, memo="yes")
        )
        write_qdpx(tmp_path / "decided.qdpx", session, with_suggestions=True)
    assert not read_project(tmp_path / "quiet.qdpx").project.users
    project = read_project(tmp_path / "all.qdpx").project
    [user] = project.users
    assert user.name.startswith("precode words/v1 ")
    [selection, *_] = project.sources[0].selections
    assert selection.description.startswith("Suggestion, decided by nobody: ")
    assert "probability 0.75\nSeed quotation: A seed." in selection.description
    brought = brought_into(tmp_path / "other", tmp_path / "all.qdpx")
    assert brought.decisions == 0
    assert "suggestions of precode are no codings" in brought.remarks[-1]
    [selection, *_] = read_project(tmp_path / "decided.qdpx").project.sources[0].selections
    assert selection.description == "yes"


def test_a_codebook_alone_makes_a_study_or_is_kept(tmp_path):
    book = tmp_path / "codes.qdc"
    book.write_bytes(codes_xml(codes_of()))
    assert brought_into(tmp_path / "study", book).codings == 0
    assert load_codebook(tmp_path / "study" / "codebook.toml").ids == ("team", "skills", "money")
    write_qdc(tmp_path / "selfie.qdc", selfie())
    with StudySession(study_for(read_bundle(tmp_path / "selfie.qdc"), tmp_path / "usual")) as session:
        assert session.study.settings.study.codebook == "selfie"


def test_codings_in_a_file_name_codes_freely(ward, tmp_path):
    folder = tmp_path / "study"
    brought_into(folder, ward)
    rows = [
        {"transcript": "P01", "exact": "every week", "code": "TEAM", "coder": "Cem"},
        {"transcript": "P01", "exact": "the money", "code": "Other", "coder": "Cem"},
    ]
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, rows)))
    brought = brought_into(folder, tmp_path / "more.jsonl")
    assert (brought.codings, brought.decisions, brought.unmatched) == (1, 1, {"Other": 1})
    assert log_of(folder)[-1] == ("Cem", "code", "every week", "team", "")


def test_codings_in_a_file_keep_their_memos_and_machines_do_not_pass_for_people(ward, tmp_path):
    folder = tmp_path / "study"
    brought_into(folder, ward)
    row = {"transcript": "P01", "exact": "every week", "code": "team"}
    rows = [
        {**row, "coder": "Cem\n\u0000", "memo": "Ask again."},
        {**row, "coder": "precode", "kind": "suggestion"},
    ]
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, rows)))
    brought = brought_into(folder, tmp_path / "more.jsonl")
    assert (brought.codings, brought.decisions) == (1, 1)
    assert brought.remarks == ("1 suggestions of precode are no codings and were left out",)
    assert log_of(folder)[-1] == ("Cem", "code", "every week", "team", "Ask again.")
    assert [one["memo"] for one in lines_of(brought.folder / "codings.jsonl")] == ["Ask again."]


def test_highlights_of_taguette_are_found_by_their_words(ward, tmp_path):
    folder = tmp_path / "study"
    brought_into(folder, ward)
    rows = ["1,P01.docx,team,every  week", "2,P01,money,who pays", "3,P01,team,And", "4,P01,team,nothing of it"]
    rows += ["5,P09,team,every week", "6,P01,,And the money", '7,P01,Other,"INT: How\ndid it"']
    (tmp_path / "tags.csv").write_text("id,document,tag,content\n" + "\n".join(rows) + "\n")
    brought = brought_into(folder, tmp_path / "tags.csv")
    assert (brought.codings, brought.decisions, brought.unmatched) == (3, 3, {"Other": 1})
    assert [words for coder, _, words, *_ in log_of(folder) if coder == "human"] == ["every week", "who pays", "And"]
    assert brought.remarks == (
        "1 highlights left out: quotation found nowhere in its transcript",
        "1 highlights left out: its document is not in the study",
    )
    assert [one["text"] for one in lines_of(brought.folder / "notes.jsonl")] == ["nothing of it", "every week"]


def test_a_word_transcript_with_comments_brings_itself_and_its_codings(tmp_path):
    document = docx.Document()
    document.add_paragraph("INT: How did it begin?")
    paragraph = document.add_paragraph("Anna: ")
    run = paragraph.add_run("The nurse rang me.")
    document.add_comment(run, text="Team; Odd", author="Ada")
    document.add_paragraph("INT: And then? Anna: Nothing.")
    path = tmp_path / "P02.docx"
    document.save(path)
    brought = import_file(path, tmp_path / "study", comments_as_codes=True)
    assert (brought.added, brought.codings, brought.decisions) == (1, 2, 2)
    assert (tmp_path / "study" / "transcripts" / "P02.docx").exists()


def test_a_transcript_that_is_there_in_another_shape_takes_the_codings_over(ward, tmp_path):
    folder = tmp_path / "study"
    create_study(folder)
    spaced = "\n\n" + TALK.replace(" ", "  ").replace("\n", "\n\n")
    (folder / "transcripts" / "P01.txt").write_text(spaced, encoding="utf-8")
    (folder / "codes.toml").write_text(codes_toml())
    (folder / "study.toml").write_text('[study]\ncodebook = "codes.toml"\n')
    brought = brought_into(folder, ward)
    assert (brought.added, brought.codings, brought.refused) == (0, 3, ())
    assert {one["exact"] for one in lines_of(brought.folder / "codings.jsonl")} == {
        quote.replace(" ", "  ") for quote in QUOTES[:2]
    }


def codes_toml():
    return codebook_toml(book_of("tiny", codes_of())[0])


def test_a_different_transcript_of_the_same_name_is_never_overwritten(ward, tmp_path):
    folder = tmp_path / "study"
    create_study(folder)
    (folder / "transcripts" / "P01.txt").write_text("INT: Well?\nBo: Something else.\n")
    brought = brought_into(folder, ward)
    [error] = brought.refused
    assert str(error) == "P01.txt: differs from transcripts/P01.txt, which has its name; rename one of them"
    assert brought.codings == 0
    assert (brought.folder / "ward.qdpx").exists()


def test_a_source_without_talk_is_refused_and_its_codings_are_kept(tmp_path):
    path = tmp_path / "p.qdpx"
    source = text_source("x", (0, 5, ""))
    codes = f'<CodeBook><Codes><Code guid="{guid_of("money")}" name="Money"/></Codes></CodeBook>'
    path.write_bytes(archive_of({"p.qde": qde(source, before=codes), "one.txt": "00:01:02\n\n"}))
    brought = brought_into(tmp_path / "study", path)
    assert [str(error) for error in brought.refused] == ["one.txt: holds no talk that could be read"]
    assert brought.remarks[-1].startswith("1 codings stand in transcripts that were not taken in")
    assert [one["code"] for one in lines_of(brought.folder / "unmatched.jsonl")] == ["money"]


def test_talk_that_belongs_to_a_case_is_no_coding(tmp_path):
    """NVivo codes talk at a case in the way it codes it at a code."""
    case = f'<Cases><QdaCase guid="{guid_of("money")}" name="Anna"/></Cases>'
    path = tmp_path / "p.qdpx"
    parts = {"p.qde": qde(text_source("x", (0, 3, "INT")), before=case), "one.txt": TALK}
    path.write_bytes(archive_of(parts))
    brought = brought_into(tmp_path / "study", path)
    assert brought.codings == 0
    assert brought.remarks == ("1 codings bear a case, a heading or no words in place of a code and were left out",)


def test_a_remark_in_place_of_a_code_is_not_shown_on_the_screen():
    assert _shown("Team work") == "Team work"
    assert _shown("he said this " * 6 + "twice") == "(a remark of 19 words)"


def test_odd_names_of_coders_are_made_to_fit(tmp_path):
    assert coder_called(" Ada\u202e\n ") == "Ada"
    assert coder_called("x" * 200) == "x" * 80
    assert coder_called("Consensus") == "consensus"
    assert coder_called("\u200b") == "human"


def test_names_of_sources_become_names_of_files(tmp_path):
    assert transcript_name("a/b: c?.docx") == "a_b_ c_"
    assert transcript_name("../..") == "_"
    assert transcript_name("~$.") == "source"
    assert transcript_name("Dr. Smith") == "Dr. Smith"
    same = text_source("a", (0, 3, "INT")) + text_source("b", (5, 8, "How"), path="internal://two.txt")
    path = tmp_path / "survey.qdpx"
    path.write_bytes(
        archive_of({"p.qde": qde(same.replace(guid_of("one"), "x1", 1)), "one.txt": TALK, "two.txt": TALK})
    )
    brought = brought_into(tmp_path / "study", path)
    assert brought.transcripts == ("one", "one 2")


def test_another_file_of_the_same_name_gets_a_folder_of_its_own(ward, tmp_path):
    folder = tmp_path / "study"
    first = brought_into(folder, ward)
    ward.write_bytes(project_bytes(project_of(), DIALECTS["maxqda"]))
    second = brought_into(folder, ward)
    assert (first.folder.name, second.folder.name, second.decisions) == ("ward", "ward 2", 0)


def test_the_command_tells_what_came_and_what_to_do_next(precode, ward, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = precode("import", ward)
    assert code == 0
    assert "ward: 1 transcripts (1 new), 3 codings." in out
    assert "Next: precode benchmark study --study ward --human ward/imports/ward/codings.jsonl" in out
    assert "positions read as code points, line ends as stored" in err
    code, out, _ = precode("import", ward, "--study", "ward", "--json")
    assert json.loads(out)["decisions"] == 0
    assert "nurse" not in out


def test_a_refused_transcript_is_no_reason_to_add_others(precode, ward, tmp_path):
    folder = tmp_path / "study"
    create_study(folder)
    (folder / "transcripts" / "P01.txt").write_text("INT: Well?\nBo: Something else.\n")
    code, out, err = precode("import", ward, "--study", folder)
    assert code == 1
    assert "rename one of them" in err
    assert "Next:" not in out


def test_what_cannot_be_imported_says_what_can(precode, tmp_path):
    (tmp_path / "a.zip").write_text("x")
    code, _, err = precode("import", tmp_path / "a.zip", "--study", tmp_path / "s")
    assert code == 1
    assert "these can: .qdpx, .qde, .qdc, .docx, .jsonl, .csv" in err
    assert not (tmp_path / "s").exists()
    with pytest.raises(InputError, match="cannot be read"):
        import_file(tmp_path / "none.qdpx", tmp_path / "s")
