"""Tables of coded segments and codebooks, as analysis software and people write them."""

import csv
import io
from datetime import UTC, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError, UsageError
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.found import ImportRequest
from pipeline.exchange.segment_columns import HEADINGS, columns_in, columns_of, times_of
from tests.pipeline.coded_support import coded_study, passage_of
from tests.pipeline.export_support import CODEBOOK, transcript_of

TEXT = (
    "Int: And the costs?\n\nJane: I wait nine weeks. I pay.\n"
    "Int: Pardon?\nJane: I wait nine weeks, I said 🙂. ليس أنا\n"
)
TALK = Transcript("P02", TEXT, (Turn(Span(0, len(TEXT)), "Jane", Role.PARTICIPANT),))
REQUEST = ImportRequest(transcripts=lambda: {"P02": TALK})

ATLAS = {
    "English": (
        "ID,Quotation Name,Document,Codes,Quotation Content,"
        "Comment,Start Position,End Position,Created by,Creation Date"
    ),
    "German": (
        "ID,Zitatname,Dokument,Codes,Zitatinhalt,Kommentar,Anfangsposition,Endposition,Erstellt von,Erstellungsdatum"
    ),
    "Spanish": (
        "ID,Nombre de cita,Documento,Códigos,Contenido de la cita,"
        "Comentario,Posición inicial,Final,Creado por,Fecha de creación"
    ),
}
MAXQDA = {
    "English": (
        "Color;Comment;Document group;Document name;Code;Begin;"
        "End;Weight score;Segment;Modified by;Modified;Area;Coverage %"
    ),
    "German": (
        "Farbe;Kommentar;Dokumentgruppe;Dokumentname;Code;Anfang;"
        "Ende;Gewicht;Segment;Bearbeitet von;Geändert am;Fläche;Abdeckungsgrad %"
    ),
    "Dutch": (
        "Kleur;Commentaar;Documentgroep;Documentnaam;Code;Begin;"
        "Einde;Gewicht;Segment;Gewijzigd door;Gewijzigd op;Oppervlakte;Dekking"
    ),
    "French": (
        "Couleur;Commentaire;Groupe de documents;Nom du document;Code;Début;"
        "Fin;Poids;Segment;Modifié par;Modifié le;Surface;Couverture"
    ),
    "Spanish": (
        "Color;Comentario;Grupo de documentos;Nombre del documento;Código;Inicio;"
        "Fin;Peso;Segmento;Modificado por;Modificado;Área;Cobertura"
    ),
}


def written(tmp_path, text, name="table.csv", encoding="utf-8-sig"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


def facts(bundle):
    return [(c.span.of(TEXT), bundle.book[c.code].name, bundle.book[c.code].domain, c.coder) for c in bundle.found]


@pytest.mark.parametrize("language", ATLAS)
def test_quotations_of_atlas_ti(tmp_path, language):
    row = '1:1,I wait,P02,"Visits\nCosts::Out of pocket","I wait nine  weeks",odd,{},60,Ada,2026-01-02'
    head = ATLAS[language]
    bundle = read_bundle(written(tmp_path, f"{head}\n{row.format(TEXT.rindex('I wait'))}\n"), REQUEST)
    assert facts(bundle) == [
        ("I wait nine weeks", "Visits", "Codes", "Ada"),
        ("I wait nine weeks", "Out of pocket", "Costs", "Ada"),
    ]
    assert {coding.span.start for coding in bundle.found} == {TEXT.rindex("I wait")}
    assert {(coding.memo, coding.time) for coding in bundle.found} == {("odd", datetime(2026, 1, 2, tzinfo=UTC))}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
@pytest.mark.parametrize("language", MAXQDA)
def test_segments_of_maxqda(tmp_path, language, encoding):
    row = '●;again;Interviews;P02;Delivery > Visits;{};5;0;"I wait nine weeks";Ada;02.01.2026 10:20;17;0,5'
    rows = "\n".join(row.format(paragraph) for paragraph in (3, 5, 9))  # with empty paragraphs; 9 there is none
    bundle = read_bundle(written(tmp_path, f"{MAXQDA[language]}\n{rows}\n", encoding=encoding), REQUEST)
    assert facts(bundle) == [("I wait nine weeks", "Visits", "Delivery", "Ada")] * 2
    assert [coding.span.start for coding in bundle.found] == [TEXT.index("I wait"), TEXT.rindex("I wait")]
    assert bundle.found[0].time == datetime(2026, 1, 2, 10, 20, tzinfo=UTC)
    assert bundle.remarks == ("1 segments left out: quotation found more than once (add prefix and suffix)",)
    assert [note["text"] for note in bundle.notes] == ["I wait nine weeks"]


def workbook(tmp_path, *rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "table.xlsx")
    return tmp_path / "table.xlsx"


def test_excerpts_of_dedoose(tmp_path):
    heads = ["Media Title", "Excerpt Range", "Excerpt Creator", "Excerpt Date", "Excerpt Copy"]
    heads += ["Code: Visits Applied", "Code: Costs Applied"]
    start = TEXT.index("I pay")
    path = workbook(tmp_path, heads, ["P02.docx", f"{start}-{start + 6}", "Ben", "1/31/2026", "I pay.", False, True])
    bundle = read_bundle(path, REQUEST)
    assert facts(bundle) == [("I pay.", "Costs", "Codes", "Ben")]
    assert bundle.found[0].time == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "heads",
    [
        ("File Name", "Hierarchical Name", "Coded Text", "Coded By", "Modified On"),
        ("Dateiname", "Hierarchischer Name", "Codierter Text", "Codiert von", "Geändert am"),
        ("Bestandsnaam", "Hiërarchische naam", "Gecodeerde tekst", "Gecodeerd door", "Gewijzigd op"),
        ("Nom du fichier", "Nom hiérarchique", "Texte encodé", "Encodé par", "Modifié le"),
        ("Nombre del archivo", "Nombre jerárquico", "Texto codificado", "Codificado por", "Modificado"),
    ],
)
def test_references_of_nvivo(tmp_path, heads):
    path = workbook(tmp_path, ["Coding summary"], heads, ["P02", r"Nodes\Costs\Paying", "I pay.", "Ada", "x"])
    assert facts(read_bundle(path, REQUEST)) == [("I pay.", "Paying", "Costs", "Ada")]


def test_any_table_by_naming_its_columns(tmp_path):
    path = written(
        tmp_path, "Wer\tWas\tThema\nP02\tI pay.\tCosts\nP09\tI pay.\tCosts\nP02\tnever said\tCosts\n", "t.tsv"
    )
    with pytest.raises(InputError, match="--columns"):
        read_bundle(path, REQUEST)
    named = columns_of("text=Was, code = Thema,transcript=wer")
    bundle = read_bundle(path, ImportRequest(REQUEST.transcripts, columns=named))
    assert facts(bundle) == [("I pay.", "Costs", "Codes", "human")]
    assert len(bundle.notes) == len(bundle.remarks) == 2
    with pytest.raises(InputError, match="no column headed as --columns says for coder"):
        read_bundle(path, ImportRequest(REQUEST.transcripts, columns=named | {"coder": "Nobody"}))


@pytest.mark.parametrize("written", ["text", "text=", "words=A", "text=A,b"])
def test_columns_of_refuses(written):
    with pytest.raises(UsageError, match="--columns"):
        columns_of(written)


def test_times_of_a_column_decide_which_number_is_the_month():
    assert times_of(["03/04/2026", "13/01/2026"]) == [
        datetime(2026, 4, 3, tzinfo=UTC),
        datetime(2026, 1, 13, tzinfo=UTC),
    ]
    assert times_of(["03/04/2026 1:05 PM"]) == [datetime(2026, 3, 4, 13, 5, tzinfo=UTC)]
    assert times_of(["03/04/2026", "", "soon", "31.02.2026", "2199-01-01"]) == [None] * 5
    assert times_of(["3.4.26", "2026-04-03T10:00:00+02:00"]) == [
        datetime(2026, 4, 3, tzinfo=UTC),
        datetime(2026, 4, 3, 8, tzinfo=UTC),
    ]


@given(st.lists(st.text(max_size=12), max_size=6), st.sampled_from(sorted(HEADINGS)))
def test_columns_in_never_gives_a_column_twice(headings, what):
    found = columns_in([*headings, HEADINGS[what][0].upper()], {})
    assert len(set(found.values())) == len(found)
    assert all(0 <= number <= len(headings) for number in found.values())


@given(st.lists(st.text(max_size=20), max_size=30).map(",".join))
def test_any_text_is_a_table_or_told(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("table") / "t.csv"
    path.write_bytes(f"segment,code\n{text}".encode("utf-8", "replace"))
    try:
        read_bundle(path, REQUEST)
    except InputError as error:
        assert str(path) in str(error)


def test_passages_in_excel_come_back(tmp_path):
    from pipeline.export.coded import CodingStatus, GivenCode
    from pipeline.export.passages_sheet import write_passages

    talk = transcript_of("=SUM(1) is what she typed 🙂.", "ليس أنا من يدفع", name="P03")
    team, skills, _ = CODEBOOK.codes
    both = [GivenCode(code, CodingStatus.CODED, memo="odd") for code in (team, skills)]
    open_one = GivenCode(team, CodingStatus.SUGGESTED, 0.7)
    first, second = talk.turns
    made = [passage_of(talk, first.span, *both), passage_of(talk, second.span, both[0], coder="Ben")]
    made.append(passage_of(talk, second.span, open_one, coder="precode"))
    write_passages(tmp_path / "p.xlsx", coded_study((talk, {}, made)))
    bundle = read_bundle(tmp_path / "p.xlsx", ImportRequest(transcripts=lambda: {"P03": talk}))
    assert [(c.span, bundle.book[c.code].name, c.coder, c.memo) for c in bundle.found] == [
        (first.span, "work.team", "Anna", "odd"),
        (first.span, "work.skills", "Anna", "odd"),
        (second.span, "work.team", "Ben", "odd"),
    ]
    assert bundle.remarks == ("1 suggestions of precode are no codings and were left out",)


def test_a_codebook_of_taguette_and_of_a_spreadsheet(tmp_path):
    tags = read_bundle(written(tmp_path, "tag,description,number of highlights\nTeam,Together.,3\nMoney,,0\n"))
    assert [(code.name, code.definition) for code in tags.book.codes] == [("Team", "Together."), ("Money", "")]
    heads = ["Category", "Code", "Definition", "Inclusion criteria", "Level"]
    rows = [["Workforce", "Team", "Together.", "Rounds", "micro"], ["Pay", "Team", "Of payers", None, "x"]]
    book = read_bundle(workbook(tmp_path, ["Our codebook"], heads, *rows)).book
    assert [(c.id, c.name, c.domain, c.level, c.include) for c in book.codes] == [
        ("team", "Team", "Workforce", "micro", "Rounds"),
        ("team_2", "Team", "Pay", None, ""),
    ]


def test_a_table_of_neither_kind_is_told(tmp_path):
    with pytest.raises(InputError, match="neither a table of coded segments nor a codebook"):
        read_bundle(written(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(InputError, match="holds no codes"):
        read_bundle(written(tmp_path, "tag,description\n,\n"))


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_codebook_tables_come_back(tmp_path):
    from pipeline.export.codebook_table import write_codebook_csv, write_codebook_sheet, write_tags

    for name, write in (("c.csv", write_codebook_csv), ("c.xlsx", write_codebook_sheet)):
        write(tmp_path / name, CODEBOOK)
        book = read_bundle(tmp_path / name).book
        assert [(c.id, c.name, c.domain, c.level, c.definition) for c in book.codes] == [
            (c.id, c.name, c.domain, c.level, c.definition) for c in CODEBOOK.codes
        ]
    write_tags(tmp_path / "tags.csv", CODEBOOK)
    assert rows_of(tmp_path / "tags.csv") == [
        {"tag": "Team", "description": "People working together."},
        {"tag": "Skills", "description": ""},
        {"tag": "Budget", "description": ""},
    ]


def test_the_command_takes_a_table_with_columns_of_its_own_and_says_what_came(precode, tmp_path):
    from pipeline.export.qda_project import codebook_toml
    from pipeline.study import create_study

    folder = tmp_path / "study"
    create_study(folder)
    (folder / "codes.toml").write_text(codebook_toml(CODEBOOK))
    (folder / "study.toml").write_text('[study]\ncodebook = "codes.toml"\n')
    (folder / "transcripts" / "P02.txt").write_text(TEXT, encoding="utf-8")
    rows = "Wer,Was,Thema,Person\nP02,I pay.,Budget,Ada\nP02,And the costs?,Budget; Odd,Ben\nP02,never said,Team,Ben\n"
    named = "text=Was,code=Thema,transcript=Wer,coder=Person"
    code, out, err = precode("import", written(tmp_path, rows), "--study", folder, "--columns", named)
    assert code == 0
    assert "1 transcripts (0 new), 2 codings." in out
    assert "The file names 3 codes; 2 of them fit the study's." in out
    assert "By coder: Ada 1, Ben 1." in out
    assert "1 segments left out: quotation found nowhere in its transcript" in err
    assert "I pay" not in out + err
    code, _, err = precode("import", written(tmp_path, rows), "--study", folder, "--columns", "was=Was")
    assert code != 0
    assert "write WHAT=HEADING" in err
