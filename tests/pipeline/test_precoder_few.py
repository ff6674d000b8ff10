"""The real encoder on a codebook of its own with none, one and four quotations a code: allotment gardeners."""

import numpy as np
import pytest

from corpus.codebook import Code, Codebook
from corpus.seeds import SeedBank, SeedQuote
from flows.fitting import cached_encoder
from models.encoders import DEFAULT_ENCODER
from pipeline.passages import BEST
from pipeline.precoder import make_precoder
from tests.corpus.support import transcript_of

pytestmark = pytest.mark.model

BOOK = Codebook(
    "allotments",
    "1",
    (
        Code("body", "Body and health", "Self", definition="What gardening does to joints, sleep, fitness and pain."),
        Code("company", "Company", "Others", definition="Neighbours, friendships and feeling less alone on the site."),
        Code("food", "Food", "Home", definition="Growing, cooking and eating one's own vegetables."),
        Code("rules", "Rules and quarrels", "Others", definition="Committees, waiting lists, fees, disputes."),
    ),
)  # fmt: skip
SEEDS = {
    "body": (
        "My knees are shot, but an hour of weeding and I sleep like a log.",
        "The doctor said walk more, well, I push a wheelbarrow.",
        "I lost a stone in the first summer just from the digging.",
        "After the stroke it was the watering can that got my arm going again.",
    ),
    "company": (
        "There's always someone who puts the kettle on in the shed.",
        "Since my wife died these are the people I talk to.",
        "The lads on the next plots come over for a natter every Sunday.",
        "You never feel lonely down there, somebody waves.",
    ),
    "food": (
        "We haven't bought a potato since June.",
        "My grandson eats peas now because he picked them himself.",
        "I make chutney out of whatever there's too much of.",
        "You can't get a tomato that tastes like that in a shop.",
    ),
    "rules": (
        "The committee wrote to me because my hedge was three inches too high.",
        "Seven years I was on the list before I got a plot.",
        "They've put the rent up again without asking anybody.",
        "There was a right row about who may use the tap.",
    ),
}
TEST = {
    "body": (
        "My back hurts less when I've been out there with the fork.",
        "I breathe better, the chest is clearer in the season.",
        "It keeps my fingers moving, with the arthritis.",
        "I'm fitter at seventy than I was at fifty.",
    ),
    "company": (
        "Two of them came to see me when I was in hospital, proper friends.",
        "It's the chatting over the fence I'd miss.",
        "I moved here knowing nobody and met everybody through the garden.",
        "We sit together with a flask and put the world to rights.",
    ),
    "food": (
        "I freeze the beans and we have them at Christmas.",
        "The soup is all from the plot, leeks and carrots and everything.",
        "My daughter comes for the strawberries and the salad.",
        "We eat courgettes until we can't look at them.",
    ),
    "rules": (
        "You get a warning letter if the grass isn't cut.",
        "The chairman decides who gets the better plots, and it's not fair.",
        "There's a fine if you light a fire before dusk.",
        "He's been quarrelling with the council about the lease.",
    ),
}
IDLE = ("Let me think.", "Yes, that's right.", "It was a Tuesday, I believe.", "So, where was I?")


def precoder(k):
    seeds = SeedBank(tuple(SeedQuote(text, code) for code, texts in SEEDS.items() for text in texts[:k]))
    return make_precoder(BOOK, seeds, cached_encoder(DEFAULT_ENCODER))


@pytest.mark.parametrize(("k", "right"), [(0, 0.75), (1, 0.75), (4, 0.85)])
def test_few_quotations_of_a_codebook_of_its_own_find_most_codes(k, right):
    texts = [text for texts in TEST.values() for text in texts]
    ranks = precoder(k).rank(texts)
    hits = ranks.argmax(axis=1) == np.repeat(np.arange(4), 4)
    assert hits.mean() >= right
    assert ranks.max(axis=1).mean() <= hits.mean() + 0.1  # never a false promise


@pytest.mark.parametrize(("k", "right"), [(0, 0.4), (1, 0.5), (4, 0.6)])
def test_few_quotations_leave_a_queue_of_modest_suggestions(k, right):
    """Sixty-four sentences, a quarter of them coded, in turns of four."""
    said = [[texts[n], *IDLE[1:]] for n in range(4) for texts in TEST.values()]
    transcript = transcript_of(*(" ".join(turn) for turn in said))
    given = {text: code for code, texts in TEST.items() for text in texts}
    suggestions = precoder(k).suggest(transcript)
    assert 10 <= len(suggestions) <= BEST
    assert max(suggestion.probability for suggestion in suggestions) <= 0.4
    best = sorted(suggestions, key=lambda suggestion: -suggestion.probability)[:10]
    hits = [any(given[text] == s.code for text in given if text in s.span.of(transcript.text)) for s in best]
    assert np.mean(hits) >= right
