"""Verbs that say that somebody speaks."""

from __future__ import annotations

from typing import Final

from cognitive_architecture.capabilities.language.word_lists import words_of

_PAST_AND_PRESENT: Final = (
    "said says asked asks replied replies answered answers whispered whispers shouted shouts "
    "cried cries murmured murmurs muttered mutters called calls exclaimed exclaims added adds "
    "continued continues demanded demands insisted insists explained explains repeated repeats "
    "remarked remarks observed observes inquired inquires enquired enquires admitted admits "
    "agreed agrees announced announces argued argues begged begs bellowed bellows blurted blurts "
    "breathed breathes chimed chimes complained complains concluded concludes conceded concedes "
    "confessed confesses corrected corrects countered counters croaked croaks declared declares "
    "drawled drawls echoed echoes finished finishes gasped gasps growled growls grumbled grumbles "
    "grunted grunts hissed hisses interjected interjects interrupted interrupts mumbled mumbles "
    "mused muses objected objects offered offers ordered orders pleaded pleads pressed presses "
    "proclaimed proclaims promised promises prompted prompts protested protests purred purrs "
    "queried queries quipped quips rasped rasps reassured reassures recited recites rejoined "
    "rejoins reminded reminds responded responds retorted retorts roared roars screamed screams "
    "shrieked shrieks snapped snaps snarled snarls spat sputtered sputters stammered stammers "
    "stated states stuttered stutters suggested suggests swore swears teased teases told tells "
    "urged urges ventured ventures volunteered volunteers wailed wails warned warns whimpered "
    "whimpers whined whines wondered wonders yelled yells began begins went quoth read reads "
    "commanded commands commented comments noted notes informed informs invited invites advised "
    "advises assured assures affirmed affirms apologised apologises apologized apologizes barked "
    "barks bawled bawls boasted boasts cautioned cautions challenged challenges counselled "
    "counsels cursed curses joked jokes lied lies persisted persists pronounced pronounces "
    "reflected reflects reported reports scolded scolds sobbed sobs spoke speaks squeaked squeaks "
    "threatened threatens thundered thunders wrote writes returned "
    "returns resumed resumes"
)

SPEECH_VERBS: Final = words_of(_PAST_AND_PRESENT)
"""They attribute a quotation wherever they touch it."""

PLAIN_SPEECH_VERBS: Final = words_of(
    "said says asked asks replied replies answered answers whispered whispers shouted shouts "
    "cried cries murmured murmurs muttered mutters exclaimed exclaims demanded demands remarked "
    "inquired enquired retorted told"
)
"""The ones that hardly mean anything else; whoever does this is a person."""

MANNER_VERBS: Final = words_of(
    "laughed laughs smiled smiles sighed sighs grinned grins nodded nods chuckled chuckles "
    "frowned frowns sneered sneers giggled giggles shrugged shrugs winced winces groaned groans "
    "sniffed sniffs moaned moans beamed beams scoffed scoffs snorted snorts"
)
"""They attribute a quotation only across a comma: ``"I see," he smiled``."""

SPEECH_PARTICIPLES: Final = words_of(
    "saying asking adding whispering shouting calling muttering murmuring crying repeating "
    "explaining telling demanding insisting begging replying answering"
)
"""``she was saying``; and ``he stood up, saying "..."``."""

SPEECH_INFINITIVES: Final = words_of(
    "say ask add reply answer whisper call cry shout murmur mutter repeat explain"
)
"""``he would say``."""

AUXILIARIES: Final = words_of(
    "had has have was were is are been would could did might must can will kept"
)
"""They may stand between a subject and its verb of speech."""
