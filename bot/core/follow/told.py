"""What the follow lane hands to the store: one decision with its worded messages."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.follow.decide import Telling
from bot.core.follow.follow import Follow
from bot.core.messages import Reply


@dataclass(frozen=True)
class Worded:
    """A decision about ``before``: the follow as it is kept now, and each message in words."""

    before: Follow
    after: Follow
    messages: tuple[tuple[Telling, Reply], ...] = ()
    over: bool = False
