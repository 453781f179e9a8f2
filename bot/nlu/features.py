"""What the intent model looks at: words and pieces of words, with and without marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.nlu.words import Word

# Each block is weighted on its own, so that many letter pieces do not drown the few words.
BLOCKS = ("words", "marked", "pieces", "joined")


def features_of(words: Sequence[Word]) -> dict[str, list[str]]:
    """Return the features of a text by block; order and repeats are kept."""
    plain = [word.plain for word in words]
    return {
        "words": list(_grams(plain)),
        "marked": list(_grams([word.marked for word in words])),
        "pieces": [piece for word in plain for piece in _pieces(word)],
        "joined": list(_joined(plain)),
    }


def _grams(tokens: Sequence[str]) -> Iterator[str]:
    yield from tokens
    for first, second in zip(["^", *tokens], [*tokens, "$"], strict=True):
        yield f"{first} {second}"


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
