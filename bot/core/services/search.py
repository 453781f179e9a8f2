"""Ranks names of procedures against what a citizen wrote. Pure: terms in, scores out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.services.lexicon import Term

CONFIDENT = 0.75  # a single answer
OFFER = 0.45  # a short choice; below this nothing is said
_TIE = 0.06  # two names closer than this are a choice, however good they are
_EMPHASIS = 1.6  # a matter named right after "muốn", "làm", "thủ tục"
_REACH = 4  # how many words after such a word still count
_STORY = 2.5  # most that the words of a story which name no known matter may weigh together
_KIN = 0.8  # what a change is worth that nearly answers the one named
_ALONE = 0.45  # what a plain word is worth when its neighbour in the name is missing
_NOT_WORTH_IT = OFFER - 0.01  # names that cannot reach this are not compared word by word
_MIN_WEIGHT = 1.2  # a name that weighs less cannot be sure of itself
_LONE_CHANGE = 0.7  # the most that one change alone is worth: "cấp lại" of what?
_OF_SOMETHING_ELSE = 0.7  # the share left to changes when the thing they change is unknown

Rarity = Callable[[str], float]


@dataclass(frozen=True)
class Query:
    """What was asked: the weight of every distinct term and their total.

    ``kin`` maps terms that were not said to the said one they nearly answer ("rách": "cấp đổi").
    """

    weights: Mapping[str, float]
    total: float
    kin: Mapping[str, str] = field(default_factory=dict)
    strange: bool = False  # names something that no procedure is about

    @property
    def empty(self) -> bool:
        """Whether nothing in the text names a matter."""
        return not self.weights or self.total < 0.3


@dataclass(frozen=True)
class Name:
    """One way to name a procedure, as terms."""

    terms: tuple[Term, ...]
    ids: frozenset[str]

    @classmethod
    def of(cls, terms: Sequence[Term]) -> Name:
        """Return a name made of ``terms``."""
        return cls(tuple(terms), frozenset(term.id for term in terms))


@dataclass(frozen=True)
class Scored:
    """A candidate with its best score, 0-1."""

    key: str
    score: float
    absent: bool


def weigh(
    terms: Sequence[Term], rarity: Rarity, kin: Mapping[str, Sequence[str]] | None = None
) -> Query:
    """Return the query; what follows a word of kind "ask" weighs more.

    ``rarity`` gives 0-1 for a plain word and 0 for one that no name holds.
    """
    asks = [term.at for term in terms if term.kind == "ask"]
    weights: dict[str, float] = {}
    plain: dict[str, float] = {}
    for term in terms:
        weight = term_weight(term, rarity)
        if any(0 < term.at - ask <= _REACH for ask in asks):
            weight *= _EMPHASIS
        kept = plain if term.kind == "plain" else weights
        kept[term.id] = max(weight, kept.get(term.id, 0.0))
    total = sum(weights.values()) + min(sum(plain.values()), _STORY)
    strange = not all(map(rarity, plain)) or any(term.kind == "setting" for term in terms)
    weights.update({term: weight for term, weight in plain.items() if rarity(term)})
    weights = {term: weight for term, weight in weights.items() if weight}
    near = {other: term for term in weights for other in (kin or {}).get(term, ())}
    kept_kin = {other: near[other] for other in near if other not in weights}
    return Query(weights, total, kept_kin, strange)


def term_weight(term: Term, rarity: Rarity) -> float:
    """Return a term's weight; a plain word weighs more the rarer it is."""
    if term.kind != "plain":
        return term.weight
    return term.weight * (0.4 + 0.6 * (rarity(term.id) or 0.5))


def score(query: Query, name: Name, rarity: Rarity) -> float:
    """Return 0-1: how much of the name was said, and how much of what was said it explains."""
    if name.ids.isdisjoint(query.weights):
        return 0.0
    total = found = explained = 0.0
    seen: set[str] = set()
    matched: list[Term] = []
    for index, term in enumerate(name.terms):
        if term.id in seen:
            continue
        seen.add(term.id)
        weight = term_weight(term, rarity)
        total += weight
        if term.id in query.weights:
            share = _share(query, name.terms, index)
            found += weight * share
            explained += query.weights[term.id] * share
            matched.append(term)
        elif (said := query.kin.get(term.id)) and said not in name.ids:
            found += weight * _KIN
            explained += query.weights[said] * _KIN
            matched.append(term)
    if not found or not query.total:
        return 0.0
    held = found / max(total, _MIN_WEIGHT)
    reached = float(held**0.8 * min(1.0, explained / query.total) ** 0.5)
    return _of_changes(reached, query, matched)


def _at_most(query: Query, name: Name) -> float:
    """Return what ``score`` cannot exceed, far cheaper: most candidates need no closer look."""
    explained = sum(query.weights[term] for term in name.ids if term in query.weights)
    explained += sum(query.weights[said] for term, said in query.kin.items() if term in name.ids)
    return float(min(1.0, explained / query.total) ** 0.5)


def _of_changes(reached: float, query: Query, matched: Sequence[Term]) -> float:
    """Return less when only changes were recognised, and not what they are to change."""
    telling = [term for term in matched if term.kind != "weak"]
    if any(term.kind != "change" for term in telling):
        return reached
    if query.strange:
        reached *= _OF_SOMETHING_ELSE
    return min(reached, _LONE_CHANGE) if len(telling) == 1 else reached


def _share(query: Query, terms: Sequence[Term], index: int) -> float:
    """Return 1, or less for a plain word when no word beside it in the name was said."""
    if terms[index].kind != "plain" or len(terms) == 1:
        return 1.0
    beside = [terms[at] for at in (index - 1, index + 1) if 0 <= at < len(terms)]
    said = any(term.kind != "weak" and term.id in query.weights for term in beside)
    return 1.0 if said else _ALONE


def rank(
    query: Query, candidates: Iterable[tuple[str, bool, Name]], rarity: Rarity
) -> list[Scored]:
    """Return the candidates worth offering, best first; an absent matter that fits best, alone.

    Each candidate is ``(key, absent, name)``, a key as often as it has names; an absent one
    stands for a matter that people ask for and the catalogue does not hold. It must fit better
    than every procedure to win.
    """
    best: dict[tuple[str, bool], float] = {}
    for key, absent, name in candidates:
        so_far = best.setdefault((key, absent), 0.0)
        if _at_most(query, name) > max(so_far, _NOT_WORTH_IT):
            best[key, absent] = max(so_far, score(query, name, rarity))
    scored = [Scored(key, reached, absent) for (key, absent), reached in best.items()]
    scored.sort(key=lambda item: (-item.score, item.absent, item.key))
    if scored and scored[0].absent:
        return scored[:1]
    real = [item for item in scored if not item.absent and item.score >= OFFER]
    return _honest(real)


def _honest(scored: list[Scored]) -> list[Scored]:
    """Lower the leaders below CONFIDENT when the first is not clearly ahead of the second."""
    if len(scored) < 2 or scored[0].score - scored[1].score >= _TIE:
        return scored
    cap = CONFIDENT - 0.01
    return [Scored(item.key, min(item.score, cap), item.absent) for item in scored]
