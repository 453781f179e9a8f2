"""Frequent questions with approved answers, found by the words they share with a text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.vietnamese import fold_tokens

CONVINCING = 0.45  # cosine of weighted words; below this a question is not offered
_LEAST_SHARED = 2  # words; one word in common is a coincidence
# Folded words of politeness and grammar: they tell no question from another.
_COMMON = frozenset(
    "da a em anh chi co chu bac oi cho hoi voi nha nhe vay the minh toi tui ban la thi ma cua va"
    " con nay do gi khong ko k hong duoc dc co can phai nhu nao lam sao thi ai bao gio".split()
)


@dataclass(frozen=True)
class Question:
    """One frequent question: ``wordings`` are other ways to ask it."""

    slug: str
    title: str
    answer: str
    wordings: tuple[str, ...] = ()


class FaqBook:
    """All frequent questions of the province.

    >>> book = FaqBook([Question("old", "Giấy tờ ghi tên tỉnh cũ còn dùng được không?", "Còn.")])
    >>> book.search("giay to ghi ten tinh cu con xai duoc hong").slug
    'old'
    >>> book.search("trời hôm nay có mưa không") is None
    True
    """

    def __init__(self, questions: Iterable[Question]) -> None:
        self._questions = {question.slug: question for question in questions}
        texts = [
            (question.slug, _terms(text))
            for question in self._questions.values()
            for text in (question.title, *question.wordings)
        ]
        seen = Counter(term for _, terms in texts for term in set(terms))
        self._rarity = {term: 1.0 + math.log(len(texts) / times) for term, times in seen.items()}
        self._unknown = 1.0 + math.log(max(2, len(texts)))
        self._texts = [(slug, self._vector(terms)) for slug, terms in texts]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> FaqBook:
        """Build from plain rows with ``slug``, ``question``, ``answer`` and maybe ``also``."""
        return cls(
            Question(
                str(row["slug"]),
                str(row["question"]),
                str(row["answer"]).strip(),
                tuple(str(text) for text in row.get("also", ())),
            )
            for row in rows
        )

    def find(self, slug: str) -> Question | None:
        """Return the question of this slug."""
        return self._questions.get(slug)

    def search(self, text: str, at_least: float = CONVINCING) -> Question | None:
        """Return the question that ``text`` most likely asks, None when none is that close."""
        said = self._vector(_terms(text))
        scored = [(_cosine(said, vector), slug) for slug, vector in self._texts]
        best = max(scored, default=(0.0, ""))
        return self._questions[best[1]] if best[0] >= at_least else None

    def _vector(self, terms: Sequence[str]) -> dict[str, float]:
        return {term: self._rarity.get(term, self._unknown) for term in terms}


def _terms(text: str) -> list[str]:
    words = [word for word in fold_tokens(text) if word not in _COMMON]
    return [*words, *(f"{a} {b}" for a, b in zip(words, words[1:], strict=False))]


def _cosine(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    if not first or not second:
        return 0.0
    shared = [term for term in first if term in second]
    if sum(" " not in term for term in shared) < _LEAST_SHARED:
        return 0.0
    alike = sum(first[term] * second[term] for term in shared)
    return alike / (_length(first) * _length(second))


def _length(vector: Mapping[str, float]) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values()))
