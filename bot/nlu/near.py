"""``python -m bot.nlu.near [FOLDER]``: training phrases that say the same in the same words.

Two phrases are near when they are alike apart from marks, politeness and the names in them:
the second one teaches nothing and makes cross-validation look better than it is.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.nlu.corpus import Phrase, read_corpus
from bot.nlu.words import spelling, words_of

ALIKE = 90.0  # rapidfuzz ratio of the sorted words, 0-100
_SHORTEST = 4  # words; short phrases differ by one word or not at all


@dataclass(frozen=True)
class Pair:
    """Two phrases of one intent that are too much alike, 0-100."""

    first: str
    second: str
    intent: str
    alike: float


def near_duplicates(phrases: Sequence[Phrase], alike: float = ALIKE) -> Iterator[Pair]:
    """Yield every phrase with the earlier phrase of its intent that it repeats."""
    groups: defaultdict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        groups[phrase.intent].append(phrase)
    for intent, group in groups.items():
        skeletons = [skeleton(phrase) for phrase in group]
        ratios = process.cdist(skeletons, skeletons, scorer=fuzz.token_sort_ratio)
        for later in range(1, len(group)):
            if len(skeletons[later].split()) < _SHORTEST:
                continue
            earlier = int(ratios[later, :later].argmax())
            if ratios[later, earlier] >= alike:
                first, second = group[earlier].text, group[later].text
                yield Pair(first, second, intent, float(ratios[later, earlier]))


def skeleton(phrase: Phrase) -> str:
    """Return the words without marks and politeness, each marked name as its kind.

    >>> skeleton(Phrase("Dạ cho em hỏi làm khai sinh mất bao lâu ạ", "ask_duration",
    ...                 (("procedure", 18, 27),)))
    'lam procedure mat bao lau'
    """
    polite = set(spelling()["polite"])
    kept: list[str] = []
    for word in words_of(phrase.text):
        name = next((n for n, start, end in phrase.entities if start <= word.start < end), "")
        if name:
            if kept[-1:] != [name]:
                kept.append(name)
        elif word.plain not in polite:
            kept.append(word.plain)
    return " ".join(kept)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the pairs; exit status 1 when there are any."""
    options_of = argparse.ArgumentParser(prog="python -m bot.nlu.near", description=__doc__)
    options_of.add_argument("folder", type=Path, nargs="?", default=Path("data/nlu"))
    options_of.add_argument(
        "--alike", type=float, default=ALIKE, help="0-100, default %(default)s"
    )
    options = options_of.parse_args(arguments)
    pairs = list(near_duplicates(read_corpus(options.folder), options.alike))
    for pair in pairs:
        sys.stdout.write(f"{pair.intent} {pair.alike:.0f}\n  {pair.first}\n  {pair.second}\n")
    sys.stdout.write(f"{len(pairs)} phrases repeat another\n")
    return 1 if pairs else 0


if __name__ == "__main__":
    sys.exit(main())
