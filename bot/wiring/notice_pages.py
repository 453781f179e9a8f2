"""Joins the console's pages of notices: store, words, checks, and what is forecast with."""

from __future__ import annotations

from functools import partial

from bot.channels.zalo import ZaloChannel
from bot.console.notice_parts import Display, NoticeParts
from bot.core.channel import is_for_visitors
from bot.core.notices.checks import Words
from bot.core.notices.forecast import Circumstances
from bot.core.notices.templates import Template, read_templates
from bot.wiring.channels import limits_of, rate_pools
from bot.wiring.desk import WebParts, read_words
from bot.wiring.hours import build_hours
from bot.wiring.notices import build_notice_words, build_pages


def build_notice_pages(web: WebParts) -> NoticeParts:
    """Return everything the console's pages of notices need."""
    settings, registry, pools = web.settings, web.directory, rate_pools(web.settings)
    lists, channels = read_words("notices/checks"), {*web.channels, "web"}
    plain = frozenset(name for name, each in web.channels.items() if not each.has_buttons)

    def checks() -> Words:
        topics = {topic.slug: (topic.name, *topic.aliases) for topic in web.topics.all()}
        return Words.from_lists(lists, topics, lambda text: bool(registry.find_areas(text)))

    return NoticeParts(
        store=web.store,
        words=build_notice_words(settings, web.store, web.wording, plain),
        checks=checks,
        messages=lists["messages"],
        refusals=read_words("notices/refusals"),
        topics=web.topics,
        directory=registry,
        channels=tuple(sorted(name for name in channels if not is_for_visitors(name))),
        around=Circumstances(
            build_hours(settings),
            {name: pool.per_minute for name, pool in pools.items()},
        ),
        issuer=web.province.desk_name,
        displays={
            name: Display(channel.fit, limits_of(channel))
            for name, channel in web.channels.items()
        },
        templates=partial(_templates, web),
        articles=ZaloChannel.name in web.channels and build_pages(settings).open,
    )


def _templates(web: WebParts) -> tuple[Template, ...]:
    province = web.province
    facts = {
        "desk": province.desk_name,
        "hotline": province.hotline,
        "portal": province.portal_url,
    }
    topics = [topic.slug for topic in web.topics.all()]
    return read_templates(read_words("notices/templates"), facts, topics)
