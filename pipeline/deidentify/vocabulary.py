"""Words that the rules go by: titles, months, what organisations and streets are called, capitals that name nobody.

English first, with the words that European interviews in English keep in their own language.
"""

from __future__ import annotations


def _set(*lines: str) -> frozenset[str]:
    """Return the words of some lines."""
    return frozenset(word for line in lines for word in line.split())


TITLES = _set(
    "dr dra doctor doktor dokter docteur doctora mr mrs ms miss mx prof professor sir dame lady lord rev reverend ",
    "canon imam rabbi herr frau fräulein meneer mevrouw dhr mevr mw señor señora señorita senyor senyora don doña ",
    "sr sra srta monsieur madame mademoiselle mme mlle signor signora signorina sig dott dottore dottoressa ",
    "senhor senhora pan pani gospodin gospođa hr fru auntie aunty aunt uncle nurse matron councillor cllr ",
    "sergeant officer judge nan nana gran granny grandma grandad grandpa papa mama father mother sister brother cousin",
)
"""Words before a name; nothing else stands between them and it but a full stop."""

KIN = _set(
    "nan nana gran granny grandma grandad grandpa papa mama father mother sister brother cousin ",
    "nurse matron officer judge aunt uncle aunty auntie",
)
"""Titles that are words, too: with a small letter they belong to no name."""

TIMES = _set("yesterday today tomorrow tonight lately nowadays")
"""Words that open a sentence before a name and are no part of it."""

CONNECTORS = _set(
    "van der den de het 't la le les du da di do dos das del della des von zu zum zur im i y e of bin ibn al el ter ",
    "ten te op ní nic mac mc ó ua uí ap bint abu umm för och for the & 's",
)
"""Words in lower case that hold a name together."""

ARTICLES = _set(
    "the a an het el la le les die das los las els il lo",
)

MONTHS = _set(
    "january february march april may june july august september october november december ",
    "jan feb mar apr jun jul aug sept sep oct nov dec ",
    "januari februari maart mei juni juli augustus oktober ",
    "januar jänner februar märz mai dezember ",
    "janvier février mars avril juin juillet août septembre octobre novembre décembre ",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre ",
    "gener febrer març maig juny juliol agost setembre desembre ",
    "gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre",
)
"""Those that are ordinary words in lower case (may, march, mar, mars, mai, jan) count with a capital or a day only."""

WEEKDAYS = _set(
    "monday tuesday wednesday thursday friday saturday sunday ",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag ",
    "lundi mardi mercredi jeudi vendredi samedi dimanche ",
    "lunes martes miércoles jueves viernes sábado domingo",
)

HOLIDAYS = (
    "Christmas(?: Eve| Day)?|Boxing Day|New Year(?:['\u2019]s(?: Eve| Day)?)?|Easter(?: Monday| Sunday)?|Good Friday|"
    "Whitsun|Pentecost|Ramadan|Eid(?:[ -]al-\\w+)?|Diwali|Hanukkah|Passover|Yom Kippur|Rosh Hashanah|Thanksgiving|"
    "Halloween|Bonfire Night|Pancake Day|Mothering Sunday|(?:Mother|Father|Valentine|St Patrick)['\u2019]s Day|"
    "Labou?r Day|Memorial Day|Independence Day|Ascension Day|Corpus Christi|All Saints(?:['\u2019] Day)?|"
    "Holi|Ganesh Chaturthi|Matariki|Waitangi Day|Anzac Day|Koningsdag|Sinterklaas|Pasen|Pinksteren|Kerst|Ostern|"
    "Pfingsten|Weihnachten|Silvester"
)

ORGANISATIONS = _set(
    "hospital infirmary hospice clinic surgery practice centre center trust hub health healthcare care chemist ",
    "pharmacy bakery school academy college university institute institution foundation charity council ",
    "association society alliance partnership network group agency authority department ministry board service ",
    "services ltd limited plc llp inc llc gmbh bv nv company co church chapel mosque temple synagogue ",
    "medical behavioral behavioural ambulance housing insurance assurance court house home lodge lab laboratory ",
    "library bank hotel pub club project programme union federation media news radio times ",
    "community mental cap krankenhaus spital klinik klinikum praxis stiftung verein sozialkreis kassa kasse ",
    "krankenkasse apotheke pflegeheim ziekenhuis zorggroep zorg stichting buurthuis verzekeringen gemeente ",
    "huisartsenpraktijk apotheek fundació fundación fondation consorci consorcio ajuntament ayuntamiento ",
    "farmacia ospedale hôpital clinique mutuelle bolnica ljekarna dom zdravlja",
)
"""Words that make a name one of an organisation."""

ORGANISATION_ENDINGS = ("krankenhaus", "spital", "ziekenhuis", "apotheke", "stiftung", "verein", "praktijk")

LOCATIVES = _set(
    "in near around across outside towards beyond throughout cover covers",
)
"""Prepositions before places."""

ACRONYMS = _set(
    "I A OK TV PC IT HR CEO GP GPS NHS NP RN OT PT MDT MRN COPD ICU ITU ED AE UTI GDPR EU UK US USA UN WHO PDF ",
    "MRI CT ECG EKG BP HIV AIDS ADHD PTSD IV ID FAQ CV BMI DNR ADL QR SMS GIF USB PIN ATM VAT SW CHW SMI LTC ",
    "TB ENT MSK PEG CPAP CPN HCA SALT NICE CQC GMC NMC AAC SEN SENCO EHCP PIP DLA DBS HQ VIP NB FYI DIY CD DVD",
    "PCN ICB ICS CCG QOF KPI AI EHR EMR PPE PCR NGO BAME LGBT AM PM INT INTERVIEWER BSN SVNR CIP SSN NIN DVT ",
)
"""Capitals that name no one."""

ORDINARY = _set(
    "i i'm i'd i've i'll ok okay mum mom mummy dad daddy god covid ",
    "covid-19 internet zoom teams whatsapp google facebook skype excel word outlook email english welsh scottish ",
    "irish british dutch german french spanish catalan italian polish turkish arabic european american african ",
    "asian indian chinese christian muslim catholic jewish hindu alzheimer alzheimer's parkinson parkinson's ",
    "interviewer interviewee participant respondent researcher moderator facilitator yes no yeah well so and but ",
    "oh ah um er right fine sure thanks thank hello hi hey please sorry mhm the a an my your his her our their ",
    "it that this there here what who when where why how if because then now also maybe not never always ",
    "windows nvivo maxqda atlas.ti level year phase band type stage grade ward room bed page question",
    "we you he she they one two three four five six seven eight nine ten",
)
"""Words whose capital says nothing, in lower case."""

ALSO_WORDS = _set(
    "will may mark hope rose grace faith joy bill sue pat rob art frank grant dawn summer april june august autumn ",
    "ray gene jack josh drew chase wade dean earl duke king bishop baker cook young old long short white black ",
    "green brown gray grey day may lane hill wood woods field brook bush rivers stone ivy holly daisy lily poppy ",
    "violet heather hazel ruby pearl amber jade olive ginger sandy sky star angel misty constance patience",
    "prudence victor guy miles max rich nick jay robin martin iris basil reed pierce page love best good hand head ",
    "bell ball bird fox wolf swift sharp strong power price penny case west east north south church more",
)
"""Names that are ordinary words, too: their small letters are left alone."""
