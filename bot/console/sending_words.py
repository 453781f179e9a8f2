"""Sentences about notices on their way, read once from ``sending.vi.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import Any

import yaml

from bot.console.words import number
from bot.core.notices.articles import ArticleState, KeptArticle
from bot.core.notices.progress import Pace

_FILE = Path(__file__).with_name("sending.vi.yml")


@lru_cache(maxsize=1)
def sending_words() -> Mapping[str, Any]:
    """Return the whole file."""
    loaded: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def coded(sentences: Mapping[str, str], code: str) -> str:
    """Return the sentence for a code; one of the platform's own is named in the general one."""
    return sentences[code] if code in sentences else sentences["other"].format(code=code)


def pace_in_words(pace: Pace) -> str:
    """Return how fast it goes and how long it takes yet; "" while nobody can say."""
    said = sending_words()
    if not pace.per_minute:
        return ""
    words = [str(said["pace"]).format(count=number(pace.per_minute))]
    if pace.left is not None:
        words.append(_left(pace.left, said["left"]))
    return ", ".join(words)


def _left(left: timedelta, said: Mapping[str, str]) -> str:
    minutes = ceil(left / timedelta(minutes=1))
    if left < timedelta(minutes=1):
        return said["soon"]
    if minutes < 60:
        return said["minutes"].format(minutes=minutes)
    return said["hours"].format(hours=minutes // 60, minutes=minutes % 60)


def article_in_words(article: KeptArticle) -> str:
    """Return what is the matter with an article."""
    said = sending_words()["article"]
    name = article.state.value
    if article.state is ArticleState.UNSURE:
        name = f"unsure_{article.step.value}"
    sentence = str(said["text"][name])
    if article.code and article.state is not ArticleState.UNSURE:
        sentence = f"{sentence} {coded(said['why'], article.code)}"
    return sentence
