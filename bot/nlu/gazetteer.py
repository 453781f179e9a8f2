"""Known names of procedures, fields, topics, areas and offices, found in a text."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.nlu.corpus import Phrase
from bot.nlu.words import Word, words_once

_FILE = "gazetteer.json"
TOPIC_INTENTS = frozenset({"ask_announcements", "subscribe_topic", "unsubscribe_topic"})
# Which reading wins when one stretch of text names two things.
_USUAL_ORDER = ("procedure", "office", "area", "field", "topic")
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "list_services": ("field", "procedure", "office", "area"),
    "ask_office": ("office", "area", "procedure", "field"),
    **dict.fromkeys(TOPIC_INTENTS, ("topic", "area", "office", "field", "procedure")),
}
_KINDS = frozenset({"xa", "phuong", "huyen", "tinh", "tp", "tx"})
_MIN_SHARE = 0.5  # a name kept must be meant as such in half of its places in the phrases


@dataclass(frozen=True)
class Found:
    """A name in a text; offsets are those of the text as typed."""

    entity: str
    start: int
    end: int


@dataclass(frozen=True)
class Name:
    """One spelling of a name."""

    entity: str
    plain: tuple[str, ...]
    marked: tuple[str, ...]

    @property
    def has_kind(self) -> bool:
        """Return whether an area is named with its kind: "xã X" is taken out of "ubnd xã X"."""
        return self.entity == "area" and len(self.plain) > 1 and self.plain[0] in _KINDS

    @classmethod
    def of(cls, entity: str, text: str) -> Name | None:
        """Read a spelling; None when no letter is left."""
        words = words_once(text)
        if not words or all(word.plain.startswith("§") for word in words):
            return None
        return cls(entity, tuple(w.plain for w in words), tuple(w.marked for w in words))


@dataclass(frozen=True)
class Gazetteer:
    """All names, and the intents in which each kind of entity is looked for."""

    names: tuple[Name, ...]
    intents: Mapping[str, frozenset[str]]

    @cached_property
    def _by_first(self) -> Mapping[str, tuple[Name, ...]]:
        index: defaultdict[str, list[Name]] = defaultdict(list)
        for name in self.names:
            index[name.plain[0]].append(name)
            if len(name.plain) > 1:
                index["".join(name.plain)].append(name)
        return {first: tuple(names) for first, names in index.items()}

    def find(self, words: Sequence[Word], intent: str) -> list[Found]:
        """Return the names meant in a text of this intent; the longest wins, none overlap."""
        order = _ORDERS.get(intent, _USUAL_ORDER)
        wanted = tuple(entity for entity in order if self._is_looked_for(entity, intent))
        return [
            Found(entity, words[at].start, words[at + size - 1].end)
            for at, size, entity in self._chosen(words, wanted)
        ]

    def tagged(self, words: Sequence[Word]) -> list[str]:
        """Return the words without marks, each known name as one tag such as ``§procedure``.

        The intent model reads this: "how much for X" is one question whatever X is.
        """
        tags: list[str] = []
        at = 0
        for start, size, entity in self._chosen(words, _USUAL_ORDER):
            tags += [word.plain for word in words[at:start]] + [f"§{entity}"]
            at = start + size
        return tags + [word.plain for word in words[at:]]

    def _chosen(self, words: Sequence[Word], order: Sequence[str]) -> list[tuple[int, int, str]]:
        """Return ``(first word, number of words, entity)`` in the order of the text."""
        matches = []
        with_marks = sum(word.is_marked for word in words) * 2 > len(words)
        for at in range(len(words)):
            for name in self._by_first.get(words[at].plain, ()):
                wanted = name.entity in order
                size = _size_of_match(name, words, at, with_marks) if wanted else 0
                if size:
                    letters = words[at + size - 1].end - words[at].start
                    weight = (not name.has_kind, -letters, order.index(name.entity))
                    matches.append((weight, at, size, name.entity))
        taken: set[int] = set()
        chosen = []
        for _, at, size, entity in sorted(matches):
            places = set(range(at, at + size))
            if not places & taken:
                taken |= places
                chosen.append((at, size, entity))
        return sorted(chosen)

    def _is_looked_for(self, entity: str, intent: str) -> bool:
        if entity == "topic":
            return intent in TOPIC_INTENTS
        return entity not in self.intents or intent in self.intents[entity]

    def save(self, folder: Path) -> None:
        """Write the names as JSON."""
        data = {
            "names": [[name.entity, list(name.plain), list(name.marked)] for name in self.names],
            "intents": {entity: sorted(intents) for entity, intents in self.intents.items()},
        }
        text = json.dumps(data, ensure_ascii=False)
        (folder / _FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Gazetteer:
        """Read what ``save`` wrote. Raises FileNotFoundError when nothing was trained."""
        data = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        names = (
            Name(entity, tuple(plain), tuple(marked)) for entity, plain, marked in data["names"]
        )
        intents = {entity: frozenset(known) for entity, known in data["intents"].items()}
        return cls(tuple(names), intents)


def learn(known: Iterable[tuple[str, str]], phrases: Sequence[Phrase]) -> Gazetteer:
    """Build from ``(entity, spelling)`` pairs and the names marked in the training phrases.

    A name that the phrases mostly use for something else is left out.
    """
    pairs = dict.fromkeys(known)
    intents: defaultdict[str, set[str]] = defaultdict(set)
    for phrase in phrases:
        for entity, start, end in phrase.entities:
            intents[entity].add(phrase.intent)
            if entity != "dossier_code":
                pairs[(entity, phrase.text[start:end])] = None
    named = (Name.of(entity, text) for entity, text in pairs)
    names = tuple(dict.fromkeys(name for name in named if name))
    first = Gazetteer(names, {entity: frozenset(known) for entity, known in intents.items()})
    doubtful = _doubtful(first, phrases)
    kept = tuple(n for n in names if (n.entity, n.plain) not in doubtful)
    return Gazetteer(kept, first.intents)


def _doubtful(gazetteer: Gazetteer, phrases: Sequence[Phrase]) -> set[tuple[str, tuple[str, ...]]]:
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    meant: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for phrase in phrases:
        words = words_once(phrase.text)
        for found in gazetteer.find(words, phrase.intent):
            inside = tuple(w.plain for w in words if found.start <= w.start and w.end <= found.end)
            key = (found.entity, inside)
            seen[key] += 1
            meant[key] += any(
                entity == found.entity and start <= found.start and found.end <= end
                for entity, start, end in phrase.entities
            )
    return {key for key, count in seen.items() if meant[key] < _MIN_SHARE * count}


def _size_of_match(name: Name, words: Sequence[Word], at: int, with_marks: bool) -> int:
    """Return how many words from ``at`` spell ``name``, 0 if they do not.

    ``with_marks`` says that the text is typed with marks: a word without is then another word.
    """
    size = len(name.plain)
    if size > 1 and words[at].plain == "".join(name.plain):
        return 1
    here = words[at : at + size]
    if len(here) < size or any(w.plain != p for w, p in zip(here, name.plain, strict=True)):
        return 0
    differing = sum(
        word.is_marked and word.marked != marked
        for word, marked in zip(here, name.marked, strict=True)
    )
    if size == 1:
        lacks_marks = not here[0].is_marked and name.marked != name.plain
        return 0 if differing or (lacks_marks and with_marks) else 1
    return size if differing <= size // 2 else 0
