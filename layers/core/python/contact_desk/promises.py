"""What the desk must not promise: that somebody comes, by when, or how it ends.

A person who is told that an officer is on the way waits for that officer, and does not ring 999. So no text of a force
may promise attendance or personal contact, a time, or an outcome, and an operator is told where their own words do.
That we aim to reply within a time is about replying and names an aim: it is no promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class PromiseKind(StrEnum):
    """What is promised."""

    ATTENDANCE = "attendance"
    TIME = "time"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise found: the words that make it, and what is wrong with them."""

    kind: PromiseKind
    words: str
    reason: str


class Rule(NamedTuple):
    """Words that promise; `pattern` meets one clause, in small letters, contractions written out."""

    kind: PromiseKind
    reason: str
    pattern: re.Pattern[str]


# English

_ADVERB = (
    r"(?:(?:also|all|now|then|just|soon|still|shortly|definitely|certainly|probably|hopefully|personally|immediately|"
    r"always|already) ){0,2}"
)
_OFFICER = (
    r"(?:officers?|pcsos?|pcs?|police|patrols?|units?|(?:police |patrol )?cars?|teams?|constables?|sergeants?|"
    r"detectives?|investigators?|crews?|bobb(?:y|ies)|cops?|help|ambulances?|paramedics?)"
)
_SOMEBODY = r"(?:somebody|someone|colleagues?|they)"
_US = rf"\b(?:we|i|us|{_SOMEBODY}|{_OFFICER})"
_WILL = r"(?:will|shall|(?:am|is|are) (?:just )?(?:going to|about to)|would)"
_OURS_WILL = rf"{_US}(?: [\w'-]+){{0,3}}? {_WILL} {_ADVERB}"
_COUNT = (
    r"(?:\d+(?:[.:]\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|forty|"
    r"forty-five|sixty|a few|a couple of|half an?|the next(?: \w+)?|the)"
)
_DAY = (
    r"(?:today|tonight|tomorrow|this (?:morning|afternoon|evening|week)|next week|(?:mon|tues|wednes|thurs|fri|satur|"
    r"sun)day|midday|midnight|noon|the weekend|the end of (?:the|this|today)\b|\d{1,2}(?:[.:]\d\d)? ?(?:am|pm)\b|"
    r"\d{1,2}:\d\d)"
)
_TIME = (
    rf"(?:(?:{_COUNT} )?(?:\w+ )?(?:minutes?|mins?|hours?|hrs?|days?|weeks?|working days?|moments?)|{_DAY}|"
    r"no time|\{reply_within\})"
)
_SOON = (
    rf"(?:soon|shortly|straight ?away|right away|at once|immediately|momentarily|asap|any (?:minute|moment|second)|"
    rf"before long|{_DAY})"
)
_THEM = (
    r"(?:him|her|them|it|this|these|those|whoever did (?:this|it)|who(?:ever)? is responsible|"
    r"(?:the|your|this|that) [\w' -]{2,40})"
)
_WRONGDOER = (
    r"\b(?:he|she|they|the (?:man|woman|men|person|people|suspects?|offenders?|thie(?:f|ves)|burglars?|drivers?|"
    r"attackers?|culprits?|lads?|boys?|gang)|your (?:ex|attacker|neighbour|partner|husband|wife))"
)
_THING = r"(?:the|your|its?|his|her|their|all|everything|what)"

# Welsh

_SWYDDOG = (
    r"(?:(?:yr |y |ein )?(?:swyddog(?:ion)?|heddwas|heddlu|plismon|patr[oô]l|rhywun|t[iî]m|car heddlu|ditectif|"
    r"cydweithiwr|help|cymorth)(?: \w+){0,2}?)"
)
_AMSER = (
    r"(?:\w+ ?(?:o )?(?:funud(?:au)?|munud(?:au)?|awr|oriau|diwrnod|dyddiau|wythnos(?:au)?)|awr|munud|diwrnod|"
    r"wythnos|\{reply_within\})"
)
_CYN_HIR = (
    r"(?:cyn bo hir|cyn hir|yn fuan|ar unwaith|ar frys|yn syth|heno|heddiw|yfory|y bore 'ma|y prynhawn 'ma)"
)

_A, _T, _O = PromiseKind.ATTENDANCE, PromiseKind.TIME, PromiseKind.OUTCOME
_COMING = "somebody would wait for a person who may not come"
_CALLING = (
    "somebody would wait by a telephone, or be heard on it, and nobody here can know that a person rings"
)
_BY_WHEN = "nobody here can know the time; say what the aim is (“we aim to”) or say none"
_ENDING = "nobody here can know how it ends; say what is done, not what comes of it"
_SAFETY = "nobody here can know that a person is safe, and they may act on it"
_VOW = "the force's word would stand for what may not happen"


def _rule(kind: PromiseKind, reason: str, pattern: str) -> Rule:
    return Rule(kind, reason, re.compile(pattern))


RULES: tuple[Rule, ...] = (
    # attendance, and contact by a person
    _rule(_A, _COMING, r"\bon (?:the|their|its|his|her|our|my) way\b|\ben ?route\b|\bon route\b"),
    _rule(
        _A,
        _COMING,
        rf"{_OURS_WILL}(?:be )?(?:able to )?(?:attend|come (?!back to)|come$|visit|arriv|be (?:there|over|"
        r"out (?:to|with)|round)|be with you|be (?:sent|dispatched|deployed) (?:to|out|round)|call (?:round|in)|"
        r"call (?:on|by)\b|pop (?:round|in|over)|turn up|drive (?:past|by|round)|patrol|go (?:to|round|out|past)|"
        r"head|meet (?:you|with)|see you|get (?:there|to you)|stop by|check on you|knock|look out for you)",
    ),
    _rule(
        _A,
        _COMING,
        rf"\b(?:send|sending|sent|dispatch|dispatching|dispatched|deploy|deploying|deployed) (?:\w+ ){{0,3}}?"
        rf"(?:{_OFFICER}|somebody|someone)\b(?: (?:out|round|over|to|there|straight|now|your|who|tonight|right)|$)",
    ),
    _rule(
        _A,
        _COMING,
        rf"\b{_OFFICER} (?:(?:is|are) (?:now |currently |just )?(?:coming|attending|heading|travelling|driving|"
        r"making their way|being (?:sent|dispatched|deployed))|(?:has|have) been (?:sent|dispatched|deployed|"
        r"tasked))",
    ),
    _rule(
        _A,
        _COMING,
        r"\b(?:we|i) (?:am|are) (?:now |just )?(?:coming (?!back to)|coming$|heading (?!into|for)|attending)",
    ),
    _rule(
        _A,
        _COMING,
        rf"\b(?:you can |you should |you may |please )?expect (?:\w+ ){{0,3}}?(?:{_OFFICER}|somebody|someone|visit|"
        r"(?:phone )?call|knock)\b",
    ),
    _rule(
        _A,
        _CALLING,
        rf"\b{_OFFICER}(?: [\w'-]+){{0,3}}? {_WILL} {_ADVERB}(?:be )?(?:(?:call|ring|phon|contact|updat|text|"
        r"messag)(?:e|ing|s)?\b|speak|talk|in (?:touch|contact)|get (?:in touch|back)|come back to)",
    ),
    _rule(
        _A,
        _CALLING,
        rf"{_OURS_WILL}(?:be )?(?:(?:call|ring|phon)(?:e|ing)? (?:you|him|her|them|back|your)|give "
        r"(?:you|him|her|them) a (?:\w+ )?(?:call|ring|bell))",
    ),
    _rule(
        _A,
        _CALLING,
        r"\byou will (?:\w+ )?(?:be (?:visited|seen|called|rung|phoned)|(?:get|receive|have) a (?:\w+ )?"
        r"(?:call|visit))\b",
    ),
    # time
    _rule(_T, _BY_WHEN, rf"{_OURS_WILL}[^,;:]{{0,80}}?\b(?:within|in|inside|by|before|under|for) {_TIME}"),
    _rule(_T, _BY_WHEN, rf"{_OURS_WILL}[^,;:]{{0,80}}?\b{_SOON}"),
    _rule(
        _T,
        _BY_WHEN,
        rf"\byou will (?:hear|have|get|receive|be|see)[^,;:]{{0,60}}?\b(?:(?:within|in|inside|by|before) "
        rf"{_TIME}|{_SOON})",
    ),
    _rule(
        _T,
        _BY_WHEN,
        rf"\b(?:is|are|only|just|about) (?:\w+ ){{0,2}}?{_COUNT} (?:\w+ )?(?:minutes?|mins?|hours?) away\b",
    ),
    _rule(
        _T,
        _BY_WHEN,
        r"\beta\b|\b(?:will not be|is not|not) (?:too |very )?long(?: now)?\b(?! (?:ago|since|enough|term))",
    ),
    _rule(
        _T,
        _BY_WHEN,
        rf"\b(?:this|it|your (?:case|report|matter)) will be (?:\w+ ){{0,3}}?(?:within|by|in) {_TIME}",
    ),
    # outcome
    _rule(
        _O,
        _ENDING,
        rf"\byou will {_ADVERB}(?:get|have|see|receive) {_THING} [^,;:]{{0,40}}?\bback\b|\byou will (?:\w+ )?"
        r"(?:get|receive) (?:a |your |full )?(?:refund|compensation|justice|money)",
    ),
    _rule(
        _O,
        _ENDING,
        rf"\b(?:we|i|police|officers?|detectives?|the team) {_WILL} {_ADVERB}(?:find|catch|get (?!back|in touch|on to|"
        r"your (?:message|report|details)|this to)|arrest|recover|return|solve|prosecute|charge|convict|jail|identify|"
        rf"track down|trace|stop|sort|fix|resolve|put (?:him|her|them) away) {_THEM}",
    ),
    _rule(
        _O,
        _ENDING,
        rf"\b(?:we|i|police|officers?) {_WILL} {_ADVERB}(?:bring [^,;:]{{1,40}} to justice|deal with "
        r"(?:him|her|them)\b|get (?:\w+ ){1,4}?back\b(?! to)|catch|sort (?:it|this|that|everything))",
    ),
    _rule(
        _O,
        _ENDING,
        rf"{_WRONGDOER} (?:will|is going to|are going to) {_ADVERB}(?:be (?:\w+ )?(?:arrest|charg|caught|"
        r"prosecut|convict|jail|punish|found|identif|imprison|dealt|locked|stopped|removed|evicted|sent)\w*|go to "
        r"(?:prison|jail|court)|not (?:\w+ ){0,3}?(?:bother|hurt|harm|come near|contact|find|touch|trouble) "
        r"|never (?:do|hurt|harm|come|bother|contact|touch|be)\b)",
    ),
    _rule(
        _O,
        _ENDING,
        r"\byour [\w' -]{2,30}? will (?:\w+ )?be (?:returned|found|recovered|solved|paid|refunded|"
        r"repaired|located|given back)",
    ),
    _rule(
        _O,
        _ENDING,
        r"\b(?:this|it|that) will (?:not|never) happen (?:to \w+ )?again\b|\b(?:nobody|no one) will (?:\w+ )?"
        r"(?:know|find out|hurt|harm|touch|bother)",
    ),
    _rule(
        _O,
        _SAFETY,
        r"\b(?:you|he|she|they|your [\w' -]{2,30}?) (?:will|are going to|is going to) (?:\w+ )?be (?:\w+ )?"
        r"(?:safe|fine|ok|okay|all right|alright|protected)\b|\bnothing (?:bad )?will happen to\b|\b(?:we|i) will "
        r"(?:\w+ )?(?:protect|keep) (?:you|her|him|them|your)",
    ),
    _rule(
        _O,
        _ENDING,
        r"\b(?:we|i) will (?:\w+ )?(?:make sure|ensure|see to it)(?: that)? (?:you|he|she|they|it|this|"
        r"nobody|no one|nothing)\b|\beverything will be\b|\bit will (?:all )?be (?:sorted|resolved|dealt with|fine|ok)",
    ),
    _rule(
        _O,
        _VOW,
        r"\b(?:we|i) (?:can |do )?(?:promise|guarantee|assure you|swear)\b|\b(?:my|our) word\b|\brest assured\b|"
        r"\bguaranteed\b",
    ),
    # the same three in Welsh
    _rule(_A, _COMING, r"\bar (?:y|ei|eu|ein) ffordd\b(?! adref| i'r gwaith)"),
    _rule(
        _A,
        _COMING,
        rf"\b(?:bydd|fydd|byddan|mae|caiff) {_SWYDDOG} ?(?:yn (?:dod|mynychu|galw|ymweld|cyrraedd|teithio|"
        r"mynd)|yno|gyda chi|yn cael ei (?:anfon|hanfon)|wedi (?:ei|eu) (?:anfon|hanfon))",
    ),
    _rule(
        _A,
        _COMING,
        rf"\b(?:byddwn|byddaf|rydym|rydyn|rwyf|rwy'n|dan|fe fyddwn|mi fyddwn|anfonwn) ?(?:ni |i )?(?:wedi |yn )?"
        rf"(?:(?:anfon|danfon) {_SWYDDOG}|(?:yn )?(?:dod (?!yn [oô]l|o hyd)|mynychu|ymweld|galw heibio|cyrraedd)|yno\b|"
        r"gyda chi)",
    ),
    _rule(
        _A,
        _CALLING,
        rf"\b(?:bydd|fydd) {_SWYDDOG} ?yn (?:(?:eich )?(?:ffonio|galw|cysylltu|siarad)|rhoi galwad)",
    ),
    _rule(_A, _CALLING, r"\b(?:byddwn|byddaf) ?(?:ni |i )?yn (?:eich (?:ffonio|galw)|ffonio|rhoi galwad)"),
    _rule(
        _T,
        _BY_WHEN,
        rf"\b(?:bydd|byddwn|byddaf|fydd|fyddwn|byddan|cewch)\b[^,;:]{{0,80}}?(?:(?:o fewn|ymhen|mewn|"
        rf"erbyn|cyn) {_AMSER}|\b{_CYN_HIR})",
    ),
    _rule(
        _O,
        _ENDING,
        r"\b(?:cewch|byddwch (?:chi )?yn cael|fe gewch|mi gewch)(?: chi)? (?:eich|y|yr) [^,;:]{1,40}?\byn [oô]l",
    ),
    _rule(
        _O,
        _ENDING,
        r"\b(?:byddwn|byddaf) ?(?:ni |i )?yn (?:(?:ei|eu) )?(?:dal|ddal|arestio|harestio|dod o hyd i|datrys|"
        r"erlyn|cael [^,;:]{1,40} yn [oô]l|cadw chi|eich (?:cadw|amddiffyn))",
    ),
    _rule(
        _O,
        _ENDING,
        r"\b(?:bydd|fydd) (?:ef|e|o|hi|y \w+|yr \w+|eich \w+) yn (?:cael (?:ei|eu) (?:\w+)|mynd i'r carchar)",
    ),
    _rule(_O, _SAFETY, r"\b(?:byddwch|fyddwch) (?:chi )?yn (?:ddiogel|iawn|saff)\b|\bni fydd (?:dim|neb)\b"),
    _rule(
        _O,
        _VOW,
        r"\b(?:rydym|rydyn|rwyf|rwy'n|dwi'n|gallwn|gallaf) ?(?:ni |i )?(?:yn )?(?:addo|gwarantu|sicrhau)\b",
    ),
)

# An aim, a doubt or a question is no promise: these words excuse what follows them in a clause.
EXCUSES = re.compile(
    r"\b(?:if|whether|unless|in case|when|until|once|before|try(?:ing)? to|aim(?:ing|s)? to|hope to|may|might|"
    r"ask(?:ed)? (?:if|for)|(?:cannot|can not|could not|will not|do not|does not|never|unable to|not able to) "
    r"(?:\w+ ){0,2}?(?:say|promise|guarantee|tell|confirm|send|sending)|os|pan|efallai|gall(?:ai)?|ni all(?:wn|af)|"
    r"ein nod yw|(?:yn )?anelu at|ceisio)\b"
)
_CONTRACTIONS = (
    ("won't", "will not"),
    ("can't", "cannot"),
    ("n't", " not"),
    ("'ll", " will"),
    ("'re", " are"),
    ("'m", " am"),
)
_SAYS_IS = re.compile(r"\b(he|she|it|that|somebody|someone|officer|team|help|patrol|unit|car|eta)'s\b")
# A stop inside a number or a placeholder ends nothing.
_CLAUSES = re.compile(r"[!?;:\n\u2013\u2014]+|,(?=\s)|\.(?=\s|$)|\s-\s")
_SPACES = re.compile(r"\s+")


def promises_in(text: str) -> tuple[Promise, ...]:
    """Every promise of attendance, time or outcome in a text, each of its clauses and kinds once, in order."""
    found: dict[tuple[str, PromiseKind], Promise] = {}
    for clause in _clauses(text):
        plain = _plain(clause)
        for rule in RULES:
            match = rule.pattern.search(plain)
            if match and not EXCUSES.search(plain, 0, match.end()):
                found.setdefault((clause, rule.kind), Promise(rule.kind, clause, rule.reason))
    return tuple(found.values())


def _clauses(text: str) -> Iterator[str]:
    for clause in _CLAUSES.split(text):
        if words := _SPACES.sub(" ", clause).strip():
            yield words


def _plain(clause: str) -> str:
    """Small letters, one kind of apostrophe, contractions written out."""
    plain = clause.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    for short, long in _CONTRACTIONS:
        plain = plain.replace(short, long)
    return _SAYS_IS.sub(r"\1 is", plain)
