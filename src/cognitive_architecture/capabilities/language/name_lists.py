"""Given names, titles, places and the words that tell what a name names; lists of our own.

All are lower-case.
"""

from __future__ import annotations

from typing import Final

from cognitive_architecture.capabilities.language.word_lists import phrases_of, words_of

FEMININE_TITLES: Final = words_of(
    "mrs ms miss mme mlle madam madame lady queen princess duchess countess dame mother mama mum "
    "mummy mom sister aunt auntie grandmother granny grandma empress baroness"
)
MASCULINE_TITLES: Final = words_of(
    "mr sir lord king prince duke count father papa dad brother uncle grandfather grandpa emperor "
    "baron fr monsieur messrs"
)
NEUTRAL_TITLES: Final = words_of(
    "dr doctor prof professor captain capt major maj colonel col general gen lieutenant lt "
    "sergeant sgt corporal cpl private commander commodore admiral president senator governor "
    "mayor judge justice inspector detective constable superintendent officer chief reverend rev "
    "bishop archbishop pope cardinal chancellor minister secretary ambassador master mx saint"
)
TITLES_OF_PERSONS: Final = FEMININE_TITLES | MASCULINE_TITLES | NEUTRAL_TITLES

FEMININE_NAMES: Final = words_of(
    "abigail ada adela agatha agnes aisha alexandra alice alicia alison amanda amelia amy ana "
    "andrea angela anita ann anna anne annie antonia ariel audrey aurora ava barbara beatrice "
    "becky bella beth betty bianca brenda bridget brigid camilla carla carmen carol caroline "
    "catherine cecilia celia charlotte chloe christina christine clara claire clarissa claudia "
    "constance cora cordelia cynthia daisy daphne deborah debra delia delilah denise diana dinah "
    "dolores donna dora dorcas doris dorothy edith edna eileen elaine eleanor elena elisa "
    "elisabeth eliza elizabeth ella ellen eloise elsa elsie emily emma erica esmeralda esther "
    "ethel eugenia eva evelyn faith fatima felicity fiona flora florence frances francesca freya "
    "gail gemma genevieve georgia georgina geraldine gertrude gillian gina ginny giulia gladys "
    "gloria greta gwen hannah harriet hattie hazel heather heidi helen helena henrietta hermione "
    "hilda imogen ingrid irene iris isabel isabella isla ivy jacqueline jane janet janice jasmine "
    "jean jeanette jenny jennifer jessica jill joan joanna josephine joyce juanita judith judy "
    "julia juliet julie juliette karen kate katherine kathleen katie kay kelly keiko kirsten "
    "kitty lara laura lauren leah leila lena leonora lesley lila lilian lillian lily linda lisa "
    "lois louisa louise lucia lucille lucinda lucy lydia mabel madeleine maggie maisie mara "
    "margaret margery maria marian marianne marie marina marjorie martha mary matilda maud "
    "maureen maya megan melanie melissa mercy mia michelle mildred millie mina minerva miranda "
    "miriam moira molly monica muriel myra nadia nancy naomi natalie natasha nell nellie nicola "
    "nicole nina nora norma olga olive olivia ophelia pamela patricia paula pauline pearl peggy "
    "penelope petra philippa phoebe phyllis polly priscilla priya prudence rachel ramona rebecca "
    "rhoda rita roberta rosa rosalind rosamund rosemary rosie roxanne ruby ruth sabrina sally "
    "samantha sandra sara sarah selina serena sharon sheila shirley sibyl silvia simone sofia "
    "sonia sophia sophie stella stephanie susan susanna susie suzanne sylvia tabitha tamara tanya "
    "tara tatiana teresa tess thelma theodora theresa tilda tina tracy trudy ursula valerie "
    "vanessa vera veronica victoria viola violet virginia vivian wendy wilhelmina winifred yasmin "
    "yoko yolanda yvonne zara zelda zoe zoey"
)
MASCULINE_NAMES: Final = words_of(
    "aaron abdul abel abraham adam adrian ahmed alan alastair albert alec alejandro alex "
    "alexander alexei alfred ali alistair allan allen alvin amos andre andrew andy angus anthony "
    "antonio archibald archie arnold arthur augustus barnaby barney barry bartholomew basil ben "
    "benedict benjamin bernard bert bill billy bob bobby boris brian bruce bruno byron caleb "
    "callum calvin cameron carl carlos cecil cedric charles charlie chester christian christopher "
    "chuck clarence claude clement clifford clive colin conrad cornelius craig crispin curtis "
    "cuthbert cyril daniel danny darren dave david dennis derek desmond diego dirk dmitri dominic "
    "donald douglas duncan dylan ebenezer eddie edgar edmund eduardo edward edwin eli elias "
    "elijah elliot emile emmanuel enoch enrique eric ernest erwin ethan eugene evan ewan ewart "
    "ezra felix ferdinand fergus fernando francis francisco frank franklin fred freddie frederick "
    "gareth gary gavin geoffrey george gerald gerard gideon gilbert giles giovanni glen godfrey "
    "gordon graham gregory guido gustav guy hal hamish hans harold harry harvey hector heinrich "
    "henri henry herbert herman hiroshi horace horatio howard hubert hugh hugo humphrey ian "
    "ibrahim ignatius igor isaac ivan jabez jack jacob jake james jamie jan jason jasper javier "
    "jeff jeffrey jeremiah jeremy jerome jerry jim jimmy joe joel johann john johnny jonah "
    "jonathan jorge jose joseph joshua josiah juan jules julian julius justin karl keith ken "
    "kenneth kevin klaus kurt lars laurence lawrence leo leon leonard leopold leroy leslie lewis "
    "liam lionel lloyd louis lucas ludwig luigi luis luke malcolm marcel marco marcus mario "
    "martin marvin matthew maurice max maximilian michael miguel mike miles mohammed montgomery "
    "mortimer moses muhammad nathan nathaniel ned neil nicholas nigel nikolai noah noel norman "
    "oliver oscar osman oswald otto owen pablo patrick paul pedro percival percy perry peter "
    "philip pierre quentin ralph ramon randolph raymond reginald rene reuben rhys richard rick "
    "robert roberto robin roderick rodney roger roland rolf ronald rory rowan rudolf rufus rupert "
    "russell salvador sam samuel sandy saul scott sean sebastian sergei seth seymour shane "
    "sherlock sidney silas simon solomon stanley stefan stephen steve steven stewart stuart sven "
    "tariq ted terence terry thaddeus theo theodore thomas tim timothy tobias toby tom tommy tony "
    "trevor tristan tyler ulrich valentin vernon victor vikram vincent vladimir wallace walter "
    "warren wayne werner wesley wilbur wilfred wilhelm william willie winston wolfgang xavier "
    "yusuf zachary zeke"
)
OTHER_NAMES: Final = words_of(
    "ashley avery bailey blake casey chris dakota drew finley harper hayden jesse jordan kai kim "
    "lee logan morgan pat quinn reese riley rowan sage sasha sidney skyler taylor tamsin wren"
)
WORDS_THAT_ARE_NAMES: Final = words_of(
    "april august bill chase chuck clay cliff daisy dean drew faith frank gene grace guy hazel "
    "heather hope iris ivy jack jay jean jerry jewel josh joy june kay lance mark max may mercy "
    "miles olive pat pearl penny pierce prudence ray rich robin rod rose rosemary ruby sage sandy "
    "scott sue summer victor viola violet ward will wren"
)
"""Given names that begin sentences as ordinary words too."""

ORGANISATION_WORDS: Final = words_of(
    "inc ltd llc plc gmbh co corp corporation company companies university college institute "
    "institution academy bank ministry department association society council committee "
    "commission agency authority party union club foundation trust group holdings airlines "
    "airways railway railways museum hospital school library orchestra press bureau navy army "
    "police senate parliament congress laboratories laboratory labs industries partners brothers "
    "bros guild federation league organisation organization office court commissioners"
)
ORGANISATIONS_OF: Final = words_of(
    "university bank ministry department institute board commissioners church council society "
    "bureau house office court school academy college museum association order league"
)
"""Heads that take ``of`` and a name: ``Bank of England``."""

ORGANISATIONS: Final = phrases_of(
    "bbc, cnn, itv, nato, un, united nations, unesco, unicef, eu, european union, imf, world bank, "
    "oecd, opec, nasa, esa, cern, fbi, cia, nsa, mi5, mi6, nhs, nypd, ibm, google, microsoft, "
    "facebook, toyota, siemens, boeing, airbus, samsung, sony, volkswagen, reuters, red cross, "
    "greenpeace, oxfam, scotland yard, guardian, new york times, harvard, mit, github, wikipedia, "
    "netflix, twitter, youtube"
)

PLACE_WORDS: Final = words_of(
    "street st road avenue lane square park bridge river lake mountain mountains hill hills "
    "island islands isle isles bay valley forest desert sea ocean coast county city town village "
    "harbour harbor castle tower point beach airport station palace abbey cathedral gulf "
    "peninsula falls canyon creek heights quay wharf head strait channel republic kingdom "
    "province stair moor wood woods hall manor inn lighthouse"
)
PLACES_BEFORE_NAMES: Final = words_of(
    "mount lake cape port fort isle river gulf bay north south east west northern southern "
    "eastern western upper lower mt ft"
)
"""Words that begin a place's name: ``Lake Como``."""

PLACES_OF: Final = words_of(
    "isle isles bay gulf cape strait republic kingdom city port tower duchy county sea"
)
"""Heads that take ``of`` and a name: ``Isle of Man``."""

NATIONALITIES: Final = words_of(
    "african american americans arab argentine asian australian austrian belgian brazilian breton "
    "british bulgarian canadian chilean chinese colombian cornish croatian cuban czech danish "
    "dutch egyptian english ethiopian european finnish french german germans greek greeks hebrew "
    "hungarian icelandic indian indians indonesian iranian iraqi irish israeli italian italians "
    "jamaican japanese jewish kenyan korean latin lebanese libyan malaysian mexican mongolian "
    "moroccan nigerian norwegian pakistani persian peruvian polish portuguese roman romans "
    "romanian russian russians saudi scottish scots serbian somali spanish sudanese swedish swiss "
    "syrian thai tibetan tunisian turkish ukrainian vietnamese viking welsh christian christians "
    "muslim muslims buddhist catholic protestant hindu"
)

PLACES: Final = phrases_of(
    "afghanistan, africa, albania, algeria, america, angola, antarctica, argentina, armenia, asia, "
    "australia, austria, azerbaijan, bangladesh, belarus, belgium, bolivia, bosnia, botswana, "
    "brazil, britain, great britain, bulgaria, cambodia, cameroon, canada, chile, china, colombia, "
    "congo, costa rica, croatia, cuba, cyprus, denmark, ecuador, egypt, england, eritrea, estonia, "
    "ethiopia, europe, fiji, finland, france, gabon, gambia, germany, ghana, greece, greenland, "
    "guatemala, guinea, guyana, haiti, honduras, hungary, iceland, india, indonesia, iran, iraq, "
    "ireland, northern ireland, israel, italy, jamaica, japan, kazakhstan, kenya, korea, north "
    "korea, south korea, kosovo, kuwait, laos, latvia, lebanon, liberia, libya, lithuania, "
    "luxembourg, madagascar, malawi, malaysia, mali, malta, mauritius, mexico, moldova, monaco, "
    "mongolia, montenegro, morocco, mozambique, namibia, nepal, netherlands, new zealand, "
    "nicaragua, niger, nigeria, norway, oman, pakistan, panama, paraguay, peru, philippines, "
    "poland, portugal, qatar, romania, russia, rwanda, scotland, senegal, serbia, singapore, "
    "slovakia, slovenia, somalia, south africa, spain, sri lanka, sudan, sweden, switzerland, "
    "syria, taiwan, tanzania, thailand, tibet, tunisia, turkey, uganda, ukraine, united kingdom, "
    "united states, united arab emirates, u.k., u.s., u.s.a., uk, usa, uruguay, uzbekistan, "
    "venezuela, vietnam, wales, yemen, zambia, zimbabwe, alabama, alaska, arizona, arkansas, "
    "california, colorado, connecticut, delaware, florida, hawaii, idaho, illinois, indiana, iowa, "
    "kansas, kentucky, louisiana, maine, maryland, massachusetts, michigan, minnesota, "
    "mississippi, missouri, montana, nebraska, nevada, new hampshire, new jersey, new mexico, new "
    "york, new york city, north carolina, ohio, oklahoma, oregon, pennsylvania, rhode island, "
    "south carolina, tennessee, texas, utah, vermont, washington, west virginia, wisconsin, "
    "wyoming, saskatchewan, ontario, quebec, amsterdam, athens, baghdad, bangkok, barcelona, "
    "beijing, belfast, berlin, birmingham, bombay, boston, bristol, brussels, bucharest, budapest, "
    "buenos aires, cairo, calcutta, cambridge, cape town, caracas, chicago, copenhagen, cornwall, "
    "dallas, delhi, detroit, dublin, edinburgh, florence, frankfurt, geneva, glasgow, hamburg, "
    "hanoi, havana, helsinki, hong kong, houston, istanbul, jakarta, jerusalem, johannesburg, "
    "kabul, karachi, kyoto, lagos, las vegas, leeds, lima, lisbon, liverpool, london, los angeles, "
    "lyon, madrid, manchester, manila, marseille, melbourne, miami, milan, montreal, moscow, "
    "mumbai, munich, nairobi, naples, new delhi, new orleans, osaka, oslo, oxford, paris, "
    "philadelphia, prague, rio de janeiro, rome, rotterdam, san francisco, santiago, sao paulo, "
    "seattle, seoul, shanghai, stockholm, sydney, tehran, tel aviv, tokyo, toronto, tripoli, "
    "vancouver, venice, versailles, vienna, warsaw, york, yorkshire, zurich, atlantic, pacific, "
    "mediterranean, baltic, antarctic, arctic, amazon, danube, nile, rhine, seine, thames, volga, "
    "alps, andes, himalayas, pyrenees, sahara, siberia, scandinavia, balkans, caribbean, the "
    "hague, azores, norfolk, kent, sussex, devon, dorset, essex, brittany, normandy, provence, "
    "bavaria, saxony, sicily, sardinia, corsica, crete, bermuda, colombo"
)

FEMININE_NOUNS: Final = words_of(
    "woman girl lady mother sister aunt wife daughter widow queen princess nun maid housekeeper "
    "waitress actress hostess grandmother granddaughter niece nurse witch mistress landlady lass "
    "bride schoolmistress stewardess spokeswoman"
)
MASCULINE_NOUNS: Final = words_of(
    "man boy gentleman father brother uncle husband son widower king prince monk butler waiter "
    "actor host grandfather grandson nephew priest wizard master landlord lad groom schoolmaster "
    "steward fisherman lobsterman policeman fireman postman watchman boatman ferryman fellow "
    "spokesman"
)
PERSON_NOUNS: Final = (
    FEMININE_NOUNS
    | MASCULINE_NOUNS
    | NEUTRAL_TITLES
    | words_of(
        "child baby friend stranger cousin teacher student pupil driver pilot sailor soldier "
        "guard keeper clerk lawyer merchant farmer fisher baker butcher cook servant visitor "
        "guest neighbour neighbor passenger customer patient assistant operator manager director "
        "owner leader scientist engineer programmer artist writer singer player coach speaker "
        "caller reporter editor librarian miller innkeeper shopkeeper barman hunter thief ghost "
        "robot computer parent spouse partner colleague boss apprentice prisoner beggar pilgrim "
        "traveller traveler youth teenager elder other typist voice chairman chairwoman solicitor "
        "barrister spokesperson analyst economist expert official vicar curate abbot mayor "
        "surgeon sheriff mate bosun coxswain"
    )
)
"""Nouns for somebody who may speak: ``the old man``, ``his sister``."""
