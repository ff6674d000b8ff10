"""Identifiers that a rule can tell by their shape: contacts, numbers, dates, addresses, postal codes, high ages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from corpus.transcript import Span
from pipeline.deidentify.kinds import FoundIdentifier, IdentifierKind
from pipeline.deidentify.vocabulary import HOLIDAYS, MONTHS, WEEKDAYS

_QUOTE = "['\u2019]"
_UPPER = "[A-Z\u00c0-\u00de\u0100-\u017f]"
_WORD = rf"{_UPPER}[\w{_QUOTE[1:-1]}-]*+"

EMAIL = re.compile(
    r"[\w.+%-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,8}|\b[\w.]{1,64} at [\w-]{1,63}(?: dot \w{2,10}){1,3}\b"
)
WEB = re.compile(
    r"(?i:https?://|www\.)[^\s<>\"')\]]{1,2000}(?<![.,;:!?])|(?<![\w@.])@[A-Za-z]\w{2,30}\b"
    r"|(?<![\w@.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|edu|gov|info|eu|uk|nl|de|at|ch|es|cat|it|fr|ie|be|hr|in|nz)"
    r"(?![\w.@-]*@)(?:/[^\s<>\"')\]]{0,500}(?<![.,;:!?]))?\b"
)

_STREET = (
    "Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Rise|Close|Drive|Dr|Way|Court|Ct|Place|Pl|Terrace|Crescent|Gardens|Grove|"
    "Hill|Row|Square|Sq|Mews|Walk|Parade|Boulevard|Blvd|Highway|Parkway|Green|Park|View|Quay|Wharf|Marg|Nagar"
)
_STREET_END = (
    "straat|weg|laan|plein|kade|gracht|singel|dijk|steeg|hof|stra\u00dfe|strasse|str\\.|gasse|platz|allee|ring|damm|"
    "ufer|steig|vej|gatan|gade"
)
_ROMANCE = (
    "Carrer|Calle|C/|Rue|Via|Viale|Avenida|Avinguda|Avenue|Pla\u00e7a|Plaza|Place|Piazza|Passeig|Paseo|Rua|Chemin|"
    "Boulevard|Corso|Ulica"
)
_NO_STREET = "Ward|Room|Bed|Level|Year|Phase|Band|Type|Stage|Grade|Bay|Clinic|Page|Version|Day|Week"
_UNIT = r"(?:,? (?:Apt|Apartment|Flat|Unit|Suite|Room|Floor|No)\.? ?#?[\w-]{1,6})?"
_NUMBER = r"\d{1,5}(?:[ -]?(?:bis|ter)|[ ]?[a-hA-H]\b|[-/]\d{1,4})?"
ADDRESS = re.compile(
    rf"\b(?:(?:Flat|Apt|Apartment|Unit) \w{{1,5}},? )?{_NUMBER},? (?:(?:{_WORD}|of|the) ){{1,4}}"
    rf"(?:{_STREET})\b\.?{_UNIT}"
    rf"|(?:\b(?:Van|De|Den|Het|Am|An|Im|In|Zum|Zur|Oude|Nieuwe)(?: der| den| de| het| {_QUOTE}t)? )?"
    rf"\b{_UPPER}[\w{_QUOTE[1:-1]}-]{{0,40}}?(?:{_STREET_END}) {_NUMBER}(?!\w)"
    rf"|\b(?:{_ROMANCE}) (?:(?:{_WORD}|de|del|la|les|los|des|du|d{_QUOTE}\w+),? ){{0,5}}{_WORD},? "
    r"(?:n[.\u00ba\u00b0] ?)?"
    rf"{_NUMBER}(?:, ?\d\w{{0,3}}(?: \d\w{{0,3}})?)?"
    rf"|(?<=\bat )(?:the )?(?!(?:{_NO_STREET})\b)"
    rf"{_WORD}(?: {_WORD})? \d{{1,3}}[a-h]?\b"
    rf"|(?:(?<=\blives in )|(?<=\blived in )|(?<=\blive in )|(?<=\blives on )|(?<=\blived on )|(?<=\blive on ))"
    rf"(?:the )?{_WORD}(?: {_WORD})? \d{{1,3}}[a-h]?\b"
    rf"|\b(?:P\.? ?O\.? Box|Postbus|Postfach|Apartado) \d{{1,6}}",
)

_LABEL = (
    "NHS(?: (?:number|no\\.?))?|MRN|BSN|SVNR|SV-Nummer|CIP|SSN|AHV|OIB|MBO|PPS(?:N)?|NHI|Aadhaar|NINO|DNI|NIE|NIF|TSI|"
    "CHI|"
    "(?i:national insurance|social security|hospital|patient|record|file|case|policy|insurance|member|membership|"
    "passport|licen[cs]e|reference|referral|account|customer|staff|employee|badge|payroll|registration|card|"
    "health card|ticket|invoice)(?: (?i:number|no\\.?|nr\\.?|id|code))|(?i:ref|PIN|GMC|NMC|reg)\\.?"
)
_CODE = r"(?=[\w/ -]{0,12}\d[\w/ -]{0,12}\d[\w/ -]{0,12}\d)(?:[A-Z0-9]{1,12}[/ -]){0,6}[A-Z0-9]{0,11}\d[A-Z0-9]{0,11}\b"
ID = re.compile(
    rf"\b(?:{_LABEL})(?!\w)(?: (?i:is|was|number|no\.?|nr\.?))?[:#]? ?{_CODE}"
    r"|\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"
    r"|\b[A-Z]{2}\d{2} ?[A-Z]{3}\b|\b\d{3}-\d{2}-\d{4}\b|(?<!\+\d )(?<!\+\d\d )(?<!\+\d\d\d )\b\d{3} \d{3} \d{4}\b"
    r"|\b(?!\d+[a-z]{1,5}\b)(?=[A-Za-z_]{0,20}\d)(?=\d{0,20}[A-Za-z_])\w{6,24}\b"
    r"|\b[A-Z]{1,4}[-/]\d{4,12}[A-Z]?\b|\b\d{5,12}[A-Z]\b"
    r"|(?<!\d[ ./-])\b\d{6,}\b"  # behind another group of digits it is a part of a telephone number
    r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b"
)
ACRONYM_ID = re.compile(
    rf"\b(?!(?:{'|'.join(sorted(WEEKDAYS))}))[A-Z]{{2,6}}(?: (?:number|no\.?|nr\.?))?(?: is| was)?:? "
    rf"(?!(?:19|20)\d\d\b)(?=(?:[A-Z /-]{{0,4}}\d){{4}}){_CODE}"
)
LABELLED_ID = re.compile(
    rf"\b(?i:[a-z]+ )?(?i:number|no\.|nr\.|code|id|reference|ref)(?!\w)(?: (?:is|was))?[:#]? ?"
    rf"(?!(?:19|20)\d\d\b){_CODE}"
)
PHONE = re.compile(
    r"(?<![\w.])(?:\+ ?\d|\(\+?\d|\d)[\d ()./\u2013-]{5,22}\d(?![\w]|[.,]\d)(?: ?(?:ext|x)\.? ?\d{1,5})?"
)
_YEARS = re.compile(r"(?:19|20)\d\d ?[-\u2013/ ] ?(?:19|20)?\d\d")
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .]000)+")

_DAY = r"(?:[12]?\d|3[01])(?:st|nd|rd|th|\.|er|\u00ba)?"
_CAPITAL_MONTH = "|".join(sorted({month.capitalize() for month in MONTHS}, key=len, reverse=True))
_ANY_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?:,? (?:of )?(?:19|20)\d\d|,? ['\u2019]\d\d)"
_WEEKDAY = "|".join(sorted(WEEKDAYS))
_ORDINAL = r"(?:[12]?(?:1st|2nd|3rd)|(?:[12]?\d|30)th|31st)"
DATE = re.compile(
    rf"(?:\b(?i:{_WEEKDAY})s?,? (?:the )?)?\b{_DAY} (?:of )?(?:de |d{_QUOTE})?"
    rf"(?i:{_ANY_MONTH})\b(?:{_YEAR}| de \d{{4}})?"
    rf"|(?:\b(?i:{_WEEKDAY})s?,? (?:the )?)?\b(?:{_CAPITAL_MONTH})\.?(?: the)? {_DAY}\b(?!:){_YEAR}?"
    rf"|\b(?:{_CAPITAL_MONTH})\b(?<!\bMay)(?<!\bMar)(?<!\bMars)(?<!\bMai)(?<!\bJan){_YEAR}?"
    rf"|\b(?:May|Mar|Mai|Jan){_YEAR}"
    r"|(?:(?<=\bin )|(?<=\blast )|(?<=\bsince )|(?<=\bthis )|(?<=\bby )|(?<=\buntil ))May\b"
    rf"|\b(?i:{_WEEKDAY})s?\b(?:,? the {_ORDINAL})?|\b{_ORDINAL}(?= ?[.,;?!)]|$| (?:and|we|I|it|that|she|he|they)\b)"
    rf"|(?:(?<=\bon the )|(?<=\bby the )|(?<=\buntil the )|(?<=\bsince the )"
    rf"|(?<=\bbefore the )|(?<=\bafter the )){_ORDINAL}\b"
    r"|\b(?:1[0-2]|0?\d)/(?:19|20)\d\d\b"
    r"|\b(?:3[01]|[12]\d|0?\d)[./-](?:1[0-2]|0?\d)[./-](?:19|20)?\d\d\b|\b(?:1[0-2]|0?\d)/(?:3[01]|[12]\d|0?\d)/(?:\d\d){1,2}\b"
    rf"|\b(?:19|20)\d\d-\d\d-\d\d\b|\b(?:{HOLIDAYS})\b(?: \d{{4}}\b)?|\b(?:19|20)\d\d\b(?!\s?[%\u20ac$\u00a3])"
)

_OLD = r"(?:9\d|1[01]\d)"
AGE = re.compile(
    rf"(?<![\w.,\u20ac$\u00a3/-]){_OLD}(?=[ -](?:years?[ -]old|year-old|yrs?\b|anys\b|Jahre|jaar|ans\b|"
    r"a\u00f1os|anni\b|and a half)"
    r"|-year-old)"
    rf"|(?:(?<=\baged )|(?<=\bage )|(?<=\bturned )|(?<=\bturning )|(?<=\bwas )|(?<=\bis )|(?<=\bbe )|(?<=\bbeing )"
    rf"|(?<=\bshe{_QUOTE}s )|(?<=\bhe{_QUOTE}s )|(?<=\bI{_QUOTE}m )|(?<=\breached )|(?<=\bnearly )|(?<=\balmost )"
    r"|(?<=\bat )"
    rf"|(?<=\bso )|(?<=, )|(?<=\())(?<!\d, ){_OLD}(?=[.,;!?)]|$"
    r"| (?:and|but|now|when|last|this|next|still|in)\b)(?![.,]\d)"
    r"|\b(?i:ninety)(?=[ -]years?[ -]old|[ -]year-old)"
    r"|\b(?i:ninety)[- ](?:one|two|three|four|five|six|seven|eight|nine)\b"
    r"(?! (?:per|%|days|minutes|pounds|euros?|people|patients))"
    r"|\b(?i:(?:a|one) hundred(?: and (?:one|two|three|four|five|six|seven|eight|nine|ten))?)"
    r"(?=[ -]years?[ -]old|[ -]year-old)"
)

_AREAS = (
    "AB AL BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY EC EH EN EX FK FY GL "
    "GU HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY LA LD LE LL LN LS LU ME MK ML NE NG NN NP NR NW OL OX PA "
    "PE PH PL PO PR RG RH RM SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB WA WC WD WF WN WR "
    "WS WV YO ZE"
).replace(" ", "|")
_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
POSTAL = re.compile(
    rf"\b(?:{_AREAS}|[BEGLMNSW])\d[A-Z\d]? ?\d[A-Z]{{2}}\b|\b(?:{_AREAS})\d{{1,2}}[A-Z]?\b"
    rf"|\b\d{{4}} ?[A-Z]{{2}}\b(?! \d)"
    rf"|(?:{_WORD} ?){{0,3}},? ?\b(?:{_STATES}) \d{{5}}(?:-\d{{4}})?\b"
    rf"|\b(?:D|A|CH|B|L|F|I|E|HR)-\d{{4,5}}(?: {_WORD})?|\b\d{{5}}(?: {_WORD})|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b"
    rf"|\b[A-Z]\d[\dW] ?[A-Z\d]{{4}}\b|\b(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT) \d{{4}}\b|\b{_WORD} \d{{3}} ?\d{{3}}\b"
)


def by_shape(text: str) -> Iterator[FoundIdentifier]:
    """Yield what rules of shape find; of two that overlap the earlier rule holds."""
    taken: list[Span] = []
    for kind, spans in RULES:
        for span in spans(text):
            if not any(span.overlap(other) for other in taken):
                taken.append(span)
                yield FoundIdentifier(span, kind)


def ages(text: str) -> Iterator[Span]:
    """Yield ages over 89, which few people reach: they identify."""
    return _matches(AGE)(text)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    return lambda text: (Span(*match.span()) for match in pattern.finditer(text) if match.group())


def _phones(text: str) -> Iterator[Span]:
    for match in PHONE.finditer(text):
        number = match.group().strip()
        digits = sum(character.isdigit() for character in number)
        if 7 <= digits <= 16 and not _YEARS.fullmatch(number) and not _THOUSANDS.fullmatch(number):
            yield Span(*match.span())


RULES: tuple[tuple[IdentifierKind, Callable[[str], Iterator[Span]]], ...] = (
    (IdentifierKind.EMAIL, _matches(EMAIL)),
    (IdentifierKind.WEB, _matches(WEB)),
    (IdentifierKind.ADDRESS, _matches(ADDRESS)),
    (IdentifierKind.DATE, _matches(re.compile(r"\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b"))),
    (IdentifierKind.ID, _matches(ID)),
    (IdentifierKind.PLACE, _matches(POSTAL)),
    (IdentifierKind.ID, _matches(ACRONYM_ID)),
    (IdentifierKind.PHONE, _phones),
    (IdentifierKind.ID, _matches(LABELLED_ID)),
    (IdentifierKind.DATE, _matches(DATE)),
    (IdentifierKind.AGE, ages),
)
