"""What the intent model looks at: words and pieces of words, with and without marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.nlu.words import Word

# Each block is weighted on its own, so that many letter pieces do not drown the few words.
BLOCKS = ("marked", "pieces", "joined", "tagged", "pairs")
_PAIR_REACH = 7  # words


def features_of(words: Sequence[Word], tagged: Sequence[str]) -> dict[str, list[str]]:
    """Return the features of a text by block; order and repeats are kept.

    ``tagged`` are the words with every known name as one tag (``Gazetteer.tagged``).
    """
    plain = [word.plain for word in words]
    return {
        "marked": [*(marked := [word.marked for word in words]), *_grams(marked, 2)],
        "pieces": [piece for word in plain for piece in _pieces(word)],
        "joined": list(_joined(plain)),
        "tagged": [*tagged, *_grams(tagged, 2), *_grams(tagged, 3)],
        "pairs": list(_pairs(tagged)),
    }


def _grams(tokens: Sequence[str], size: int) -> Iterator[str]:
    framed = ["^", *tokens, "$"]
    for start in range(len(framed) - size + 1):
        yield " ".join(framed[start : start + size])


def _pairs(tokens: Sequence[str]) -> Iterator[str]:
    """Yield two words of a clause in their order, whatever stands between them."""
    for index, first in enumerate(tokens):
        for second in tokens[index + 1 : index + 1 + _PAIR_REACH]:
            yield f"{first}…{second}"


def _pieces(word: str) -> Iterator[str]:
    if word.startswith("§"):
        yield word
        return
    padded = f" {word} "
    for size in range(2, 6):
        for start in range(max(1, len(padded) - size + 1)):
            yield padded[start : start + size]


def _joined(tokens: Sequence[str]) -> Iterator[str]:
    """Yield pieces across word borders: typed-together and torn words still share them."""
    text = "".join("§" if token.startswith("§") else token for token in tokens)
    for size in (4, 6):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]
