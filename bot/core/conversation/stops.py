"""STOP in any wording: told by its words alone, so that it works without a language model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.phrases import Phrases, spaced, untelexed

_MOST_WORDS = 16  # a longer text says more than STOP


class Stops:
    """Knows whether a whole text can only mean "send nothing more"."""

    def __init__(self, lists: Mapping[str, Any]) -> None:
        """Take ``forms``, the words ``around`` them, and the ``names`` used in both."""
        names = lists.get("names", {})
        self._forms = Phrases(map(str, lists.get("forms", ())), names)
        self._around = Phrases(map(str, lists.get("around", ())), names)
        self._doubtful = Phrases(map(str, lists.get("doubtful", ())), names)

    def mean(self, text: str) -> bool:
        """Whether ``text`` holds a form and nothing that says more.

        >>> stops = Stops({"forms": ["đừng gửi"], "around": ["nữa"]})
        >>> stops.mean("Dung gui nua!"), stops.mean("đừng gửi hồ sơ nữa")
        (True, False)
        """
        said = spaced(text)
        if not said or said.count(" ") >= _MOST_WORDS:
            return False
        return self._whole(said) or self._whole(untelexed(said))

    def is_doubtful(self, text: str) -> bool:
        """Whether a text somebody took for a STOP asks or complains instead of ending."""
        return self._doubtful.found_in(spaced(text))

    def _whole(self, said: str) -> bool:
        rest = self._forms.without(said)
        if rest == said:
            return False
        return not self._around.without(rest).replace("·", "").strip()
