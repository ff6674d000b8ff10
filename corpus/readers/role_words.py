"""Words that labels use for interviewers and participants, by language, and letters that mean one beside another."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

INTERVIEWER_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "English": (
            *("interviewer", "int", "intv", "intvr", "interviewers", "i", "iv", "ivr", "iver", "q", "question"),
            *("researcher", "moderator", "mod", "facilitator", "host", "investigator", "research assistant", "ra"),
        ),
        "Dutch": ("interviewster", "onderzoeker", "onderzoekster", "gespreksleider", "vraag", "vragensteller"),
        "German": ("interviewerin", "forscher", "forscherin", "moderatorin", "frage", "fragende", "interviewende"),
        "Norwegian": ("intervjuer", "forsker", "ordstyrer", "spørsmål"),
        "Swedish, Danish": ("intervjuare", "forskare", "fråga", "forskeren", "spørgsmål"),
        "Spanish": ("entrevistador", "entrevistadora", "investigador", "investigadora", "moderadora", "pregunta"),
        "Portuguese": ("pesquisador", "pesquisadora", "pergunta"),
        "Croatian": ("ispitivač", "ispitivačica", "istraživač", "istraživačica", "voditelj", "voditeljica", "pitanje"),
        "Hungarian": ("interjúkészítő", "kérdező", "kutató", "moderátor", "kérdés"),
        "French": ("enquêteur", "enquêtrice", "intervieweur", "intervieweuse", "chercheur", "chercheuse",
                   "modérateur", "modératrice", "animateur", "animatrice"),
        "Italian": ("intervistatore", "intervistatrice", "ricercatore", "ricercatrice", "moderatore", "moderatrice",
                    "domanda"),
        "Polish, Czech": ("badacz", "badaczka", "moderatorka", "pytanie", "tazatel", "tazatelka"),
        "Finnish, Estonian": ("haastattelija", "tutkija", "kysymys", "küsija"),
        "Russian, Ukrainian": ("интервьюер", "модератор", "исследователь", "вопрос", "інтервʼюер", "інтерв'юер",
                               "дослідник", "інтерв'юерка", "дослідниця", "интервьюерша"),
        "Greek, Turkish": ("ερευνητής", "ερευνήτρια", "συνεντευκτής", "συνεντεύκτρια", "görüşmeci", "araştırmacı",
                           "soru"),
        "Chinese, Japanese, Korean": ("采访者", "採訪者", "访谈者", "訪談者", "访谈员", "研究者", "主持人", "问", "問",
                                      "聞き手", "インタビュアー", "質問者", "調査者", "면접자", "연구자", "질문자"),
        "Arabic, Hebrew, Hindi": ("المحاور", "المحاورة", "الباحث", "الباحثة", "מראיין", "מראיינת", "חוקרת", "חוקר",
                                  "साक्षात्कारकर्ता"),
    }
)  # fmt: skip
"""In lower case, as composed characters (NFC)."""

PARTICIPANT_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "English": (
            *("interviewee", "participant", "respondent", "res", "resp", "informant", "patient", "pt", "carer"),
            *("caregiver", "client", "answer", "service user", "subject", "part"),
        ),
        "Dutch": ("geïnterviewde", "deelnemer", "deelneemster", "respondente", "patiënt", "patiënte", "mantelzorger",
                  "cliënt", "antwoord"),
        "German": ("befragte", "befragter", "befragte person", "interviewte", "interviewter", "interviewpartner",
                   "interviewpartnerin", "teilnehmer", "teilnehmerin", "patientin", "antwort"),
        "Norwegian": ("deltaker", "deltager", "pasient", "intervjuobjekt", "svar", "pårørende"),
        "Swedish, Danish": ("deltagare", "respondenten", "patienten", "svara", "interviewede"),
        "Spanish": ("entrevistado", "entrevistada", "participante", "informante", "paciente", "cuidador",
                    "cuidadora", "respuesta"),
        "Portuguese": ("resposta", "utente", "inquirido"),
        "Croatian": ("ispitanik", "ispitanica", "sudionik", "sudionica", "sugovornik", "sugovornica", "pacijent",
                     "pacijentica", "odgovor"),
        "Hungarian": ("interjúalany", "résztvevő", "válaszadó", "beteg", "páciens", "válasz"),
        "French": ("enquêté", "enquêtée", "interviewé", "interviewée", "participante", "répondant", "répondante",
                   "patiente", "aidant", "aidante", "réponse"),
        "Italian": ("intervistato", "intervistata", "partecipante", "paziente", "risposta"),
        "Polish, Czech": ("respondentka", "uczestnik", "uczestniczka", "pacjent", "pacjentka", "odpowiedź"),
        "Finnish, Estonian": ("haastateltava", "osallistuja", "potilas", "vastaus"),
        "Russian, Ukrainian": ("респондент", "респондентка", "информант", "участник", "участница", "пациент",
                               "пациентка", "ответ", "учасник", "пацієнт"),
        "Greek, Turkish": ("συμμετέχων", "συμμετέχουσα", "ασθενής", "katılımcı", "görüşülen", "hasta", "cevap"),
        "Chinese, Japanese, Korean": ("受访者", "受訪者", "被访者", "参与者", "參與者", "患者", "答", "回答者",
                                      "参加者", "語り手", "対象者", "참여자", "응답자", "환자", "면담자"),
        "Arabic, Hebrew, Hindi": ("المشارك", "المشاركة", "المريض", "المريضة", "מרואיין", "מרואיינת", "משתתף",
                                  "משתתפת", "प्रतिभागी"),
    }
)  # fmt: skip

LETTERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "q": frozenset("ar"),
        "i": frozenset("prbemakswcdt"),
        "f": frozenset("ab"),
        "v": frozenset("apr"),
        "в": frozenset("ор"),
        "س": frozenset("ج"),
        "e": frozenset("p"),
    }
)
"""Letters that label an interviewer where they stand beside a letter that labels who answers."""

ALL_INTERVIEWERS = frozenset(word for words in INTERVIEWER_WORDS.values() for word in words)
ALL_PARTICIPANTS = frozenset(word for words in PARTICIPANT_WORDS.values() for word in words)
