"""Words that fill talk and say nothing of what it is about: never a reason for a code.

They are written as the terms of the word classifier are: small, without accents.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FILLERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        language: frozenset(words.split())
        for language, words in {
            "en": "know mean like sort kind yeah yes yep yup nah nope um umm uh uhm er erm hm hmm mm mhm huh oh ah ok "
            "okay right well actually basically literally really just quite obviously honestly anyway whatever "
            "thing things stuff lot lots bit gonna wanna gotta suppose guess dunno",
            "de": "ja nee nein na naja ah aeh oh hm mhm genau halt eben also ne gell oder irgendwie sozusagen quasi "
            "eigentlich einfach mal schon ding dinge sache sachen sag sagen mein weisst wissen okay ok na "
            "tja doch",
            "nl": "ja nee nou eh uh uhm hm hmm he hoor zeg maar dus eigenlijk gewoon eens even weet dinges ding dingen "
            "soort ok oke goed toch zeker",
            "da": "ja nej jo oh oeh oh hm altsa jamen ligesom sadan bare jo ikke ting okay ok nok vel agtig",
            "nb": "ja nei jo eh hm altsa liksom sann sanne bare jo ikke ting okay ok vel greie greier skjonner",
            "sv": "ja nej jo eh hm alltsa liksom typ bara ju va sak saker grej grejer okej ok precis javisst",
            "fr": "oui non ouais ben bah euh heu hein bon enfin bref voila quoi genre donc alors truc trucs chose "
            "choses sais dire dis okay ok",
            "es": "si no eh em pues bueno vale o sea este entonces cosa cosas sabes digamos digo verdad claro okay ok "
            "como",
            "it": "si no eh ehm mah beh be cioe insomma allora ecco diciamo tipo cosa cose sai praticamente okay ok",
            "pt": "sim nao eh hum pois bem entao tipo ne pronto ta coisa coisas sabe sabes digamos okay ok assim",
            "pl": "no tak nie yyy eee hm wiesz znaczy jakby wlasnie po prostu rzecz rzeczy okej ok dobra",
            "hr": "da ne pa ovaj mislim znaci znate znas onako kao stvar stvari ajde okej ok dobro",
            "hu": "igen nem hat ugye ize szoval tehat na jo tudod mondjuk igazabol dolog dolgok oke ok",
        }.items()
    }
)
"""By ISO 639-1 code of the language."""

SOUNDS = frozenset(
    ["ah", "eh", "er", "erm", "hm", "hmm", "huh", "mhm", "mm", "oh", "ok", "okay", "uh", "uhm", "um", "umm", "yeah"]
)
"""What everybody says, in seeds of another language, too."""


def is_filler(term: str, language: str) -> bool:
    """Return whether a term only fills talk in a language.

    Args:
        term: A word or several, small and without accents.
        language: ISO 639-1 code.
    """
    return all(word in SOUNDS or word in FILLERS.get(language, frozenset()) for word in term.split())
