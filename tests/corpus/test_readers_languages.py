"""Tables of talk in the languages of their makers, CHAT with all its marks, and the words of printed pages."""

import itertools
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.readers import read_transcript
from corpus.readers.front import is_sentence
from corpus.readers.names import could_be_name, looks_like_name, says_role, tidy
from corpus.readers.pages import edges_removed, margins_removed, paragraphs_of, repeats_removed
from corpus.speakers import SpeakerSettings

HEADS = {
    "English": ("Speaker", "Text", "Start", "End"),
    "German": ("Sprecherin", "Wortlaut", "Von", "Bis"),
    "German, inclusive": ("Sprecher/in", "Aussage", "Startzeit", "Endzeit"),
    "German, of a survey": ("Befragte", "Antwort", "Zeitstempel", "Ende"),
    "Dutch": ("Spreker", "Tekst", "Begin tijd", "Einde"),
    "Dutch, named": ("Naam", "Uitspraak", "Begintijd", "Eindtijd"),
    "Dutch, of a survey": ("Deelnemer", "Antwoord", "Starttijd", "Eind"),
    "French": ("Locuteur", "Texte", "Début", "Fin"),
    "French, named": ("Nom", "Transcription", "Heure", "Heure de fin"),
    "French, of a meeting": ("Intervenant", "Propos", "Temps", "Fin"),
    "Spanish": ("Hablante", "Transcripción", "Inicio", "Fin"),
    "Spanish, named": ("Nombre", "Respuesta", "Comienzo", "Final"),
    "Spanish, of a survey": ("Participante", "Texto", "Tiempo", "Fin"),
}
WORDS = ("Wie geht's, señor; alles \u201agut\u2018?", "Très bien,\tça va \u2013 merci.")
SAID = [("INT", WORDS[0], 0, 2), ("P01", " ".join(WORDS[1].split()), 3, 5)]
WAYS = [
    way
    for way in itertools.product(("utf-8-sig", "cp1252", "utf-16"), (",", ";", "\t"), ("NFC", "NFD"))
    if (way[0], way[2]) != ("cp1252", "NFD")
]
PIECES = st.sampled_from(
    ["INT:", "P01:", "yes", "no.", "well-", "being", "1", "2", "Page 3", "3 of 9", "12", "co-", "operate", "soft\u00ad"]
)
PAGES = st.lists(st.lists(st.lists(PIECES, min_size=1, max_size=4).map(" ".join), max_size=8), max_size=5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("languages")


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(HEADS)), st.sampled_from(WAYS), st.permutations(range(6)), st.sampled_from([str.upper, str])
)
def test_tables_of_any_language_order_and_encoding_give_the_same_turns(folder, language, way, order, case):
    encoding, divider, form = way
    rows = [
        ("Größe (cm)", *map(case, HEADS[language]), "Área"),
        ("170", "INT", WORDS[0], "0", "2", "x"),
        ("180", "P01", WORDS[1], "3", "5", ""),
    ]
    text = "\r\n".join(divider.join(f'"{row[n]}"' for n in order) for row in rows)
    (folder / "talk.csv").write_bytes(unicodedata.normalize(form, text).encode(encoding))
    transcript = read_transcript(folder / "talk.csv")
    composed = [(turn.speaker, unicodedata.normalize("NFC", words)) for turn, words in transcript.talk()]
    assert composed == [(speaker, words) for speaker, words, _, _ in SAID]
    assert [(turn.started, turn.ended) for turn in transcript.turns] == [(start, end) for _, _, start, end in SAID]


@pytest.mark.parametrize("language", sorted(HEADS))
@pytest.mark.parametrize("lacking", ["speaker", "times"])
def test_tables_may_lack_all_columns_but_the_words(folder, language, lacking):
    speaker, words, start, end = HEADS[language]
    heads = {"speaker": (words, start, end), "times": (speaker, words)}[lacking]
    row = {"speaker": ('"So, yes."', "1", "2"), "times": ("P01", '"So, yes."')}[lacking]
    (folder / "less.csv").write_text("\n".join((",".join(heads), ",".join(row))), encoding="utf-8")
    [(turn, said)] = read_transcript(folder / "less.csv").talk()
    assert (said, turn.speaker) == ("So, yes.", None if lacking == "speaker" else "P01")


# CHAT


def chat(path, *lines):
    head = "@UTF8\n@Begin\n@Participants:\tPAR Participant, INV Investigator\n*INV:\tHow ?\n"
    path.write_text(f"{head}{''.join(f'*PAR:{chr(9)}{line}{chr(10)}' for line in lines)}@End\n", encoding="utf-8")
    return [(turn.speaker, words) for turn, words in read_transcript(path).talk()][1:]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("I (be)cause went .", "I because went."),
        ("well [//] <I mean> [/] no +...", "well I mean no"),
        ("+< yeah .", "yeah."),
        ("++ and so on .", "and so on."),
        ("+^ right .", "right."),
        ('+" he came +"/.', "he came"),
        ("I (.) go (..) home (2.5) now (1:05.2) .", "I go home now."),
        ("it goes woof@o and hola@s:spa and hund@s:deu$n .", "it goes woof and hola and hund."),
        ("\u2021 no \u201e really .", "no really."),
        ("he has 0 euros .", "he has 0 euros."),
        ("write to a@example.org .", "write to a@example.org."),
        ("in (2020) I fell .", "in 2020 I fell."),
        ("&-um &=laughs yes .", "um [laughs] yes."),
        ("xxx of it .", "[inaudible] of it."),
        ("so it is . \x15", "so it is."),
        ("so it is. \x151000_19", "so it is. 1000 19"),
        ("\x15 so \x15 it is.", "so it is."),
    ],
)
def test_chat_words_without_their_codes(folder, written, words):
    assert chat(folder / "a.cha", written) == [("PAR", words)]


@pytest.mark.parametrize("written", ["0 .", "0.", "(.)", "+...", "[=! coughs] .", "0 [=! nods] ."])
def test_chat_lines_without_a_word_are_no_turns(folder, written):
    assert chat(folder / "a.cha", written, "so ?") == [("PAR", "so?")]


# Pages


@settings(max_examples=40)
@given(PAGES)
def test_no_word_of_a_page_is_lost_when_lines_become_paragraphs(pages):
    lines = [line for page in pages for line in page]
    paragraphs, hyphens = paragraphs_of(lines, SpeakerSettings())
    bare = ["".join(part.split()).translate({0x2D: None, 0xAD: None}) for part in ("".join(paragraphs), "".join(lines))]
    assert bare[0] == bare[1]
    assert 0 <= hyphens <= max(0, len(lines) - 1)


@settings(max_examples=60)
@given(PAGES, st.sampled_from([margins_removed, edges_removed, repeats_removed]))
def test_what_is_left_out_of_pages_is_counted_and_nothing_is_added(pages, removed):
    left, count = removed(pages)
    there = "\n".join(line for page in pages for line in page)
    assert all(line in there for page in left for line in page)
    assert (count == 0) == ([page for page in left if page] == [page for page in pages if page])


# Names


@given(st.text("aÉz.-_ 1\u200b\u0301I", max_size=12))
@example("Interviewer")
@example("Würden")
def test_judgements_on_names_do_not_depend_on_composition_or_invisible_marks(name):
    decomposed = unicodedata.normalize("NFD", name)
    assert tidy(name) == tidy(decomposed) == tidy(f"\u200e{name}\ufeff") == tidy(tidy(name))
    assert not looks_like_name(name) or could_be_name(name)


@pytest.mark.parametrize("word", ["Haben", "Können", "Würden", "Wie", "Warum", "Sind"])
def test_german_words_that_begin_questions_name_nobody(word):
    assert not could_be_name(word)
    assert not says_role(word)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("先是摔倒了\uff0c后来我女儿打了电话。", True),
        ("どうやって始まりましたか\uff1f", True),
        ("แล้วลูกสาวก็โทรมาหาฉัน?", True),
        ("访谈三", False),
        ("Then she rang them up. [00:01:02]", True),
        ("Then she rang them up. #00:01:02-3#", True),
        ("Interview with a nurse, part two.", False),
        ("Date: 3 May", False),
        ("", False),
    ],
)
def test_is_sentence_of_languages_without_blanks_and_of_lines_with_times(line, sentence):
    assert is_sentence(line) is sentence
