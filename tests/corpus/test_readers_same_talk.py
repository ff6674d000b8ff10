"""The same interview in any layout, language and composition of characters has the same speakers, turns and words."""

import unicodedata

import docx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.readers import read_transcript
from corpus.readers.names import INVISIBLE
from corpus.transcript import Role
from tests.corpus.readers_support import open_document

LAYOUTS = {
    "colon": "{name}: {words}\n",
    "colon and blank line": "{name}: {words}\n\n",
    "colon, old Mac": "{name}: {words}\r",
    "colon, Windows": "{name}: {words}\r\n",
    "wide colon": "{name}\uff1a{words}\n",
    "no-break colon": "{name}\u00a0: {words}\n",
    "indented": "    {name}: {words}\n",
    "numbered": "{line} {name}: {words}\n",
    "tab": "{name}\t{words}\n",
    "gap": "{name}   {words}\n",
    "square": "[{name}] {words}\n",
    "square and colon": "[{name}]: {words}\n",
    "round": "({name}) {words}\n",
    "curly": "{{{name}}} {words}\n",
    "angle": "<{name}> {words}\n",
    "at": "@{name}: {words}\n",
    "chevron": ">> {name}: {words}\n",
    "dash": "{name} - {words}\n",
    "long dash": "{name} \u2014 {words}\n",
    "pipe": "{name} | {words}\n",
    "equals": "{name} = {words}\n",
    "line of its own": "{name}:\n{words}\n\n",
    "time before": "[00:{line:02}:10] {name}: {words}\n",
    "time behind": "{name} (00:{line:02}:10): {words}\n",
    "time at the end": "{name}: {words} [00:{line:02}:10]\n",
    "f4": "{name}: {words} #00:{line:02}:10-1#\n",
    "time on the line": "{name}  00:{line:02}:10\n{words}\n\n",
    "Markdown": "**{name}:** {words}\n\n",
    "quoted": "> {name}: {words}\n",
    "invisible marks": "\u200e{name}\u200b: {words}\n",
}
TALK = {
    "English": ("Interviewer", "Participant", "How did it begin?", "With a fall, and then my daughter rang them.",
                "What happened then?", "They came on the Monday. Nobody had told me.", "How was that?", "I managed."),
    "German": ("Interviewerin", "Befragte", "Haben Sie Schmerzen?", "Ja, oft. Meine Tochter hilft mir dann.",
               "Haben Sie Hilfe?", "Niemand hatte es gesagt.", "Haben Sie Angst?", "Na ja, es geht schon."),
    "Dutch": ("Interviewster", "Deelnemer", "Hoe begon het?", "Met een val, en toen belde mijn dochter.",
              "Wat gebeurde er toen?", "Ze kwamen op maandag.", "En hoe was dat?", "Nou, het ging wel."),
    "French": ("Enquêtrice", "Enquêté", "Comment cela a-t-il commencé ?", "Par une chute, et puis ma fille a appelé.",
               "Et ensuite ?", "Ils sont venus le lundi.", "Et comment était-ce ?", "Bon, ça allait."),
    "Spanish": ("Entrevistadora", "Entrevistado", "¿Cómo empezó?", "Con una caída, y luego llamó mi hija.",
                "¿Qué pasó después?", "Vinieron el lunes.", "¿Y cómo fue?", "Bueno, me las arreglé."),
    "Russian": ("Интервьюер", "Респондент", "Как это началось?", "Он упал, потом позвонила дочь.",
                "Что было потом?", "Они пришли.", "И как это было?", "Да, я справился."),
    "Chinese": ("访谈者", "受访者", "是怎么开始的\uff1f", "先是摔倒了\uff0c后来我女儿打了电话。",
                "后来呢\uff1f", "他们星期一来了。", "那怎么样\uff1f", "还好\uff0c我过来了。"),
    "Arabic": ("المحاور", "المشارك", "كيف بدأ الأمر\u061f", "بدأ بسقوط ثم اتصلت ابنتي.",
               "ماذا حدث بعد ذلك\u061f", "جاؤوا يوم الاثنين.", "وكيف كان ذلك\u061f", "حسنا\u060c تدبرت أمري."),
}  # fmt: skip
"""Labels of who asks and who answers, then six turns."""
NAMES = (
    *(("INT", "P01"), ("I1", "P12"), ("I", "R"), ("Q", "A"), ("Speaker 1", "Speaker 2"), ("SPEAKER_00", "SPEAKER_01")),
    *(("Anna", "Mr. Brown"), ("Dr. Ruth Meyer", "José Núñez"), ("Anne-Marie O'Neil", "van der Berg"), ("1", "2")),
)  # fmt: skip
TITLES = "Interview 3\nDate: 3 May 2024\nDuration: 40 min\n\n"
GROUPS = (
    *(tuple(f"P{n:02}" for n in range(1, 9)), tuple("ABCDEFGH"), ("1", "2", "3", "4")),
    *(("Moderator", *(f"Participant {n}" for n in range(1, 8))), ("Interviewer 1", "Interviewer 2", "P1", "P2")),
    *(("Anna", "Bert", "Cora", "Dirk", "Eva", "Finn", "Gijs", "Hana"), ("Ruth", "Miriam", "Participant")),
)


def composed(text):
    return unicodedata.normalize("NFC", text)


def talk(path):
    return [(turn.speaker, composed(words)) for turn, words in read_transcript(path).talk()]


def conversation(language, names, turns):
    own, words = TALK[language][:2], TALK[language][2:]
    names = names or own
    return [(names[n % len(names)], words[n % len(words)]) for n in range(turns)]


def rendered(layout, turns):
    return "".join(LAYOUTS[layout].format(name=name, words=words, line=n) for n, (name, words) in enumerate(turns, 1))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("talk") / "talk.txt"


@settings(max_examples=150)
@given(
    language=st.sampled_from(sorted(TALK)),
    names=st.sampled_from([None, *NAMES]),
    layout=st.sampled_from(sorted(LAYOUTS)),
    form=st.sampled_from(["NFC", "NFD"]),
    titles=st.sampled_from(["", TITLES]),
)
@example(language="Chinese", names=("INT", "P01"), layout="square", form="NFC", titles=TITLES)
@example(language="Chinese", names=("Anna", "Mr. Brown"), layout="gap", form="NFC", titles=TITLES)
@example(language="English", names=("1", "2"), layout="f4", form="NFC", titles=TITLES)
@example(language="English", names=("1", "2"), layout="time at the end", form="NFC", titles=TITLES)
@example(language="German", names=("INT", "Frau Kern"), layout="time on the line", form="NFD", titles="")
def test_any_layout_language_and_composition_gives_the_same_talk(path, language, names, layout, form, titles):
    turns = conversation(language, names, 6)
    path.write_text(titles + unicodedata.normalize(form, rendered(layout, turns)), encoding="utf-8", newline="")
    assert talk(path) == turns


@settings(max_examples=50)
@given(st.sampled_from(sorted({*TALK} - {"Arabic"})), st.sampled_from(GROUPS), st.sampled_from(sorted(LAYOUTS)))
def test_groups_of_three_to_eight_speakers_are_kept_apart(path, language, names, layout):
    turns = conversation(language, names, 24)
    path.write_text(rendered(layout, turns), encoding="utf-8", newline="")
    assert talk(path) == turns


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(TALK)),
    st.sampled_from([None, *NAMES]),
    st.lists(st.tuples(st.sampled_from(INVISIBLE), st.integers(0, 3)), min_size=1, max_size=4),
)
def test_invisible_marks_around_labels_change_nothing(path, language, names, marks):
    turns = conversation(language, names, 6)
    around = [("", "")] * 6
    for mark, n in marks:
        before, after = around[n]
        around[n] = (before + mark, mark + after)
    lines = (f"{a}{name}{b}: {words}\n" for (name, words), (a, b) in zip(turns, around, strict=True))
    path.write_text("".join(lines), encoding="utf-8")
    assert talk(path) == turns


@settings(max_examples=10)
@given(
    language=st.sampled_from(sorted(TALK)),
    names=st.sampled_from([None, *NAMES[:-1]]),
    mark=st.sampled_from([": ", ":\t", "\t"]),
    bold=st.booleans(),
    form=st.sampled_from(["NFC", "NFD"]),
)
def test_word_and_open_document_give_the_talk_of_plain_text(path, language, names, mark, bold, form):
    turns = conversation(language, names, 6)
    document, paragraphs = docx.Document(), []
    for name, words in turns:
        label, said = unicodedata.normalize(form, name), unicodedata.normalize(form, words)
        paragraph = document.add_paragraph()
        paragraph.add_run(label).bold = bold
        paragraph.add_run(mark + said)
        paragraphs.append(f"<text:p>{label}{mark.replace(chr(9), '<text:tab/>')}{said}</text:p>")
    document.save(path.with_suffix(".docx"))
    path.with_suffix(".odt").write_bytes(open_document("".join(paragraphs)))
    assert talk(path.with_suffix(".docx")) == talk(path.with_suffix(".odt")) == turns


@pytest.mark.parametrize("language", sorted(TALK))
def test_usual_words_for_who_asks_and_answers_say_the_roles(path, language):
    path.write_text(rendered("colon", conversation(language, None, 6)), encoding="utf-8")
    roles = [turn.role for turn, _ in read_transcript(path).talk()]
    assert roles == [Role.INTERVIEWER, Role.PARTICIPANT] * 3


@pytest.mark.parametrize("layout", ["colon", "square", "tab", "chevron", "time before"])
@pytest.mark.parametrize("language", sorted(TALK))
def test_one_label_for_all_talk_is_that_of_every_turn(path, language, layout):
    said = conversation(language, ("P01",), 6)
    path.write_text(rendered(layout, said), encoding="utf-8")
    assert [speaker for speaker, _ in talk(path)] == ["P01"] * 6
