"""Joins the console's pages of notices: store, words, checks, and what is forecast with."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.console.notice_parts import NoticeParts
from bot.core.notices.checks import Words
from bot.core.notices.forecast import Circumstances
from bot.core.notices.hours import Hours
from bot.wiring.channels import rate_pools
from bot.wiring.desk import WebParts, read_words
from bot.wiring.notices import build_notice_words


def build_notice_pages(web: WebParts) -> NoticeParts:
    """Return everything the console's pages of notices need."""
    settings, registry, pools = web.settings, web.directory, rate_pools(web.settings)
    lists = read_words("notices/checks")

    def checks() -> Words:
        topics = {topic.slug: (topic.name, *topic.aliases) for topic in web.topics.all()}
        return Words.from_lists(lists, topics, lambda text: bool(registry.find_areas(text)))

    return NoticeParts(
        store=web.store,
        words=build_notice_words(settings, web.store, web.wording),
        checks=checks,
        messages=lists["messages"],
        refusals=read_words("notices/refusals"),
        topics=web.topics,
        directory=registry,
        channels=tuple(sorted({*web.channels, "web"})),
        around=Circumstances(
            Hours(ZoneInfo(settings.timezone)),
            {name: pool.per_minute for name, pool in pools.items()},
        ),
        issuer=web.province.desk_name,
    )
