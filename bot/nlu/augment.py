"""Writes training phrases the way hurried thumbs write them. Seeded, so training repeats."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence

_NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok",
    "o": "ipl", "p": "ol", "a": "qsz", "s": "adwx", "d": "sfec", "f": "dgrv", "g": "fhtb",
    "h": "gjyn", "j": "hkum", "k": "jlio", "l": "kop", "z": "asx", "x": "zsdc", "c": "xdfv",
    "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip
_TONES = ("\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_SOUNDS = (
    ("tr", "ch"), ("ch", "tr"), ("s", "x"), ("x", "s"), ("gi", "d"), ("d", "gi"), ("r", "g"),
    ("l", "n"), ("n", "l"), ("v", "d"), ("qu", "w"), ("v", "z"),
)  # fmt: skip
_ENDINGS = (("n", "ng"), ("ng", "n"), ("t", "c"), ("c", "t"), ("i", "y"))
_SHARE_WITHOUT_MARKS = 0.5


class Augmenter:
    """Makes misspelt copies of phrases."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311 - no secret depends on it

    def copies(self, phrases: Sequence[tuple[str, str]], count: int) -> list[tuple[str, str]]:
        """Return ``count`` misspelt copies of each phrase with its intent.

        A phrase's copies depend on it alone, so that another phrase more changes no other copy.
        """
        openers = [text for text, intent in phrases if intent == "greet"]
        closers = [text for text, intent in phrases if intent == "thank"]
        copies = []
        for text, intent in phrases:
            self._random.seed(f"{self._seed} {text}")
            for _ in range(count):
                copies.append((self._copy(text, intent, openers, closers), intent))
        return copies

    def _copy(self, text: str, intent: str, openers: list[str], closers: list[str]) -> str:
        if intent not in ("greet", "thank", "goodbye", "affirm", "deny", "cancel"):
            if openers and self._random.random() < 0.12:
                text = f"{self._random.choice(openers)}, {text}"
            if closers and self._random.random() < 0.06:
                text = f"{text}, {self._random.choice(closers)}"
        if self._random.random() < _SHARE_WITHOUT_MARKS:
            text = _without_marks(text)
        return self._slipped(text)

    def _slipped(self, text: str) -> str:
        tokens = text.split()
        slips = self._random.choice((0, 0, 1, 1, 2, max(1, len(tokens) // 5)))
        for _ in range(slips):
            index = self._random.randrange(len(tokens))
            if any(char.isdigit() for char in tokens[index]):
                continue
            slip = self._random.choice(
                (self._neighbour, self._swapped, self._missing, self._sound, self._tone,
                 self._tone, self._ending)
            )  # fmt: skip
            tokens[index] = slip(tokens[index]) or tokens[index]
        return self._spaced(tokens)

    def _spaced(self, tokens: list[str]) -> str:
        text = " ".join(tokens)
        if len(tokens) > 2 and self._random.random() < 0.08:
            at = self._random.randrange(len(tokens) - 1)
            text = " ".join([*tokens[:at], tokens[at] + tokens[at + 1], *tokens[at + 2 :]])
        return text

    def _neighbour(self, token: str) -> str:
        at = self._random.randrange(len(token))
        near = _NEIGHBOURS.get(token[at].lower())
        return token[:at] + self._random.choice(near) + token[at + 1 :] if near else token

    def _swapped(self, token: str) -> str:
        if len(token) < 3:
            return token
        at = self._random.randrange(len(token) - 1)
        return token[:at] + token[at + 1] + token[at] + token[at + 2 :]

    def _missing(self, token: str) -> str:
        at = self._random.randrange(len(token))
        return token[:at] + token[at + 1 :] if len(token) > 2 else token

    def _sound(self, token: str) -> str:
        fits = [(old, new) for old, new in _SOUNDS if token.startswith(old)]
        if not fits:
            return token
        old, new = self._random.choice(fits)
        return new + token[len(old) :]

    def _ending(self, token: str) -> str:
        fits = [(old, new) for old, new in _ENDINGS if token.endswith(old)]
        if not fits:
            return token
        old, new = self._random.choice(fits)
        return token[: -len(old)] + new

    def _tone(self, token: str) -> str:
        apart = unicodedata.normalize("NFD", token)
        changed = "".join(
            self._random.choice((*_TONES, "")) if char in _TONES else char for char in apart
        )
        return unicodedata.normalize("NFC", changed)


def _without_marks(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    plain = "".join(char for char in apart if unicodedata.category(char) != "Mn")
    return plain.replace("đ", "d").replace("Đ", "D")
