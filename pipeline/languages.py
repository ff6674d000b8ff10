"""What is known of the languages of interviews: enough to find sentences and clauses without a model of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class SpokenLanguage:
    """A language as far as talk in it can be cut.

    Attributes:
        name: In English.
        joining: Words that begin another main clause: "and", "but", "so", "well".
        subordinate: Words that begin a clause which belongs to the one before: "because", "when".
    """

    name: str
    joining: frozenset[str]
    subordinate: frozenset[str]


def _language(name: str, joining: str, subordinate: str) -> SpokenLanguage:
    return SpokenLanguage(name, frozenset(joining.split()), frozenset(subordinate.split()))


LANGUAGES: Mapping[str, SpokenLanguage] = MappingProxyType(
    {
        "da": _language("Danish", "og men så altså for eller jamen nå", "fordi når hvis da mens selvom siden"),
        "de": _language(
            "German",
            "und aber also denn oder sondern doch dann ja naja genau",
            "weil wenn dass als obwohl damit während",
        ),
        "en": _language(
            "English",
            "and but so then or well now yeah okay anyway plus",
            "because cos if when while although though since until before after like that whereas",
        ),
        "es": _language(
            "Spanish", "y e pero entonces pues o así bueno luego además", "porque cuando si aunque mientras como que"
        ),
        "fr": _language(
            "French",
            "et mais donc alors ou puis bon enfin bref ensuite",
            "parce quand si comme puisque pendant lorsque",
        ),
        "hr": _language("Croatian", "i a ali pa onda ili nego dakle znači no", "jer kad kada ako dok iako čim da"),
        "hu": _language(
            "Hungarian", "és de aztán tehát vagy szóval meg hát akkor", "mert ha amikor hogy bár mivel mikor"
        ),
        "it": _language(
            "Italian", "e ed ma quindi allora o poi però insomma dunque", "perché quando se mentre anche siccome"
        ),
        "nb": _language("Norwegian", "og men så altså for eller ja nei", "fordi når hvis da mens selv siden"),
        "nl": _language(
            "Dutch", "en maar dus want of dan nou ja toen daarna", "omdat als terwijl hoewel zodat wanneer"
        ),
        "pl": _language("Polish", "i a ale więc to albo potem no czyli", "bo gdy kiedy jeśli że ponieważ chociaż żeby"),
        "pt": _language(
            "Portuguese", "e mas então pois ou depois aí bom portanto", "porque quando se embora enquanto como que"
        ),
        "sv": _language("Swedish", "och men så alltså för eller ja sedan sen", "eftersom när om medan fast därför då"),
    }
)
"""By ISO 639-1, as spaCy names its language data; Norwegian is Bokmål."""

ENGLISH = "en"
OTHER_NAMES: Mapping[str, str] = MappingProxyType({"no": "nb", "nn": "nb"})


def language_code(name: str) -> str | None:
    """Return the code of a language given by code or English name, in any case; None for one that is not known."""
    wanted = name.strip().lower()
    wanted = OTHER_NAMES.get(wanted, wanted)
    if wanted in LANGUAGES:
        return wanted
    return next((code for code, language in LANGUAGES.items() if language.name.lower() == wanted), None)
