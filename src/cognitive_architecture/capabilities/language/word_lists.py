"""Common English words, in lists of our own."""

from __future__ import annotations

from typing import Final


def words_of(text: str) -> frozenset[str]:
    """The words of a list that is written as running text."""
    return frozenset(text.split())


def phrases_of(text: str) -> frozenset[str]:
    """The phrases of a list that is written with commas between them."""
    return frozenset(phrase.strip() for phrase in text.split(","))


PRONOUNS: Final = words_of(
    "i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his "
    "himself she her hers herself it its itself they them their theirs themselves one oneself who "
    "whom whose which what that this these those someone somebody something anyone anybody "
    "anything everyone everybody everything nobody nothing none no-one each other another"
)

_PREPOSITIONS: Final = (
    "about above across after against along amid among around as at before behind below beneath "
    "beside besides between beyond by despite down during except for from in inside into like "
    "near of off on onto opposite out outside over past per round since than through throughout "
    "till to toward towards under underneath unlike until up upon via with within without"
)
_CONJUNCTIONS: Final = (
    "and but or nor so yet if because although though while whereas unless whether when whenever "
    "where wherever why how once however therefore thus hence moreover meanwhile otherwise"
)
_VERBS: Final = (
    "am is are was were be been being have has had having do does did doing done can could may "
    "might must shall should will would ought need dare used get gets got getting go goes went "
    "gone going come comes came coming let lets make makes made say says said see sees saw seen "
    "take takes took taken know knew known think thought give gave given put seem seems seemed "
    "keep kept tell told ask asked look looked looking want wanted turn turned turning become "
    "became felt feel find found left began begin begun send sent put puts bring brought stand "
    "stood sit sat run ran hold held set show showed try tried call called use used uses using "
    "happen happened hear heard work worked move moved live lived stop stopped start started wait "
    "waited"
)
_ADVERBS: Final = (
    "not no yes very too also just only even still already again ever never always often "
    "sometimes now then here there rather quite almost perhaps maybe soon later ago away back "
    "well much more most less least far really indeed enough together instead else anyway oh ah "
    "ok okay please thanks somewhere anywhere everywhere nowhere"
)
_DETERMINERS: Final = (
    "a an the some any all both either neither every many few several such own same little lot "
    "lots first second third last next new old good great long short big small able one two three "
    "four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand "
    "million billion dozen way ways thing things year years day days time times"
)
_CONTRACTIONS: Final = (
    "i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd "
    "it'll we're we've we'd we'll they're they've they'd they'll that's that'll there's there'd "
    "here's what's who's who'd where's how's let's isn't aren't wasn't weren't haven't hasn't "
    "hadn't don't doesn't didn't can't cannot couldn't mayn't mightn't mustn't shan't shouldn't "
    "won't wouldn't needn't ain't 'tis 'twas 'em"
)

PREPOSITIONS: Final = words_of(_PREPOSITIONS)
CONJUNCTIONS: Final = words_of(_CONJUNCTIONS)
VERBS: Final = words_of(_VERBS)
"""The forms of the commonest verbs."""

STOP_WORDS: Final = PRONOUNS | words_of(
    f"{_PREPOSITIONS} {_CONJUNCTIONS} {_VERBS} {_ADVERBS} {_DETERMINERS} {_CONTRACTIONS}"
)
"""Words that carry grammar rather than a topic."""

SENTENCE_STARTERS: Final = words_of(
    "the a an this that these those he she it they we you i his her its their our my your there "
    "here but and or so yet if when while although though because since after before as at in on "
    "by for from with without to of what who why how where which then now once no not some many "
    "most all each every however meanwhile nobody nothing something everyone everything"
) | {word for word in words_of(_CONTRACTIONS) if word[0] != "'"}
"""Capitalised, they nearly always begin a sentence and hardly ever a name."""

PERSON_VERBS: Final = words_of(
    "smiled smiles nodded nods walked walks laughed laughs stood stands sat sits leaned leans "
    "shrugged shrugs sighed sighs stared stares glanced glances grinned grins frowned frowns "
    "thought thinks knew knows felt feels wanted wants remembered remembers hesitated hesitates "
    "paused pauses listened listens blinked blinks stepped steps knelt kneels crouched crouches "
    "wept weeps cried cries swallowed swallows waved waves bowed bows winced winces hurried "
    "hurries climbed climbs wondered wonders believed believes decided decides noticed notices "
    "loved loves hated hates wrote writes lived lives hoped hopes wished wishes chuckled chuckles "
    "gasped gasps blushed blushes yawned yawns ate eats drank drinks slept sleeps woke wakes "
    "looked looks shook shakes considered considers"
)
"""What persons do and places do not."""

CALENDAR: Final = words_of(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december christmas easter"
)
"""Names of days, months and the commonest holidays."""
