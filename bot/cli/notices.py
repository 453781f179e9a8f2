"""``flask --app server notices``: send a notice to everyone who follows its topic."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
from tqdm import tqdm

from bot.cli.operating import Refused, actor, ready_store
from bot.cli.sending import decided, hand, sending
from bot.core.announcements.announcement import Announcement, Topic
from bot.core.messages import Reply
from bot.core.notices.notice import HTTPS, Audience, Notice, Urgency
from bot.core.notices.words import NoticeWords, announced
from bot.registry.read import Registry
from bot.settings import Settings
from bot.store import Progress, Store
from bot.store.wake import Waker
from bot.wiring.desk import build_wording, read_province, utc_now
from bot.wiring.notices import build_pages

LONGEST_FILE = 1800  # characters; leaves room for source and topic within a platform's 2,000
LONGEST_NOTICE = 2000
FOLLOW = "Follow it with: flask --app server notices list"


@click.group()
def notices() -> None:
    """Publish notices to the followers of a topic and see how far they are.

    Notices written in the console are approved there, by a second person: who acts is known
    from their session alone, so there is no command for it. Once approved they can be sent,
    paused, resumed, cancelled and exported from here by the number the console shows.
    """


@dataclass(frozen=True)
class Draft:
    """What a notice file says."""

    title: str
    body: str


@notices.command()
@click.option("--topic", "topic_text", required=True, help="Slug or name of the topic.")
@click.option("--file", "path", required=True, type=click.Path(path_type=Path))
@click.option("--area", "area_text", help="Only for followers of this commune or ward.")
@click.option("--urgent", is_flag=True, help="Goes out before ordinary notices.")
@click.option("--title", help="Instead of the first line of the file.")
@click.option("--issuer", help="Who says so; without it, the desk.")
@click.option("--url", help="https address of the official document.")
@click.option("--number", help="Number of the official document.")
@click.option("--yes", is_flag=True, help="Send without asking.")
def publish(
    topic_text: str,
    path: Path,
    area_text: str | None,
    urgent: bool,
    title: str | None,
    issuer: str | None,
    url: str | None,
    number: str | None,
    yes: bool,
) -> None:
    """Preview a notice, ask, then send it to everyone who follows its topic.

    The file is UTF-8 text: the title, a blank line, the text.
    """
    settings = Settings.from_env()
    if url and not HTTPS.fullmatch(url):
        raise Refused(f"The address must look like https://host/path, not {url!r}.")
    draft = read_draft(path, title)
    with ready_store(settings) as store:
        topic, area = _find(settings, topic_text, area_text)
        notice = Notice(
            topic=topic.slug,
            title=draft.title,
            body=draft.body,
            issuer=issuer or read_province(settings.province_dir).desk_name,
            audience=Audience(topics=(topic.slug,), areas=(area,) if area else ()),
            area=area,
            number=number or "",
            url=url or "",
            urgency=Urgency.URGENT if urgent else Urgency.BULK,
        )
        announcement = announced(notice, store.announcements.free_code(), utc_now())
        reply = render(settings, announcement, notice)
        _preview(reply, store.subscriptions.followers_by_channel(topic.slug, area))
        _warn(store.notices.unreachable(topic.slug, area, utc_now()))
        if not yes:
            click.confirm("Send it?", abort=True)
        _send(settings, store, announcement, reply)


@notices.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
def list_notices(limit: int) -> None:
    """Show the newest announcements and what became of their deliveries."""
    with ready_store(Settings.from_env()) as store:
        unfinished = {item.id for item in store.notices.unfinished()}
        for item in store.announcements.recent(limit):
            counts = store.deliveries.counts(item.id)
            states = " ".join(f"{state}={count:,}" for state, count in sorted(counts.items()))
            day = item.published_at.date().isoformat()
            where = f"{item.topic}/{item.area}" if item.area else item.topic
            click.echo(f"{item.id:>5}  {day}  {where:<24}  {item.title}")
            click.echo(f"       {states or 'sent to nobody'}")
            if "skipped" in counts:
                click.echo(
                    f"       skipped for: {_reasons(store.deliveries.skipped_for(item.id))}"
                )
            if item.id in unfinished:
                click.echo("       planning was cut short: flask --app server notices resume")


@notices.command()
@click.argument("draft_id", type=int, required=False)
def resume(draft_id: int | None) -> None:
    """Go on with a paused notice, or without a number with those cut short while planning."""
    settings = Settings.from_env()
    with ready_store(settings) as store:
        if draft_id is not None:
            decided(store.broadcasts.resume(draft_id, hand(), utc_now()))
        for item in () if draft_id is not None else store.notices.unfinished():
            planned = _show(store.notices.resume(item, utc_now()))
            store.audit.append(
                actor(), "notice_resumed", f"notice:{item.id}", {"planned": planned}, utc_now()
            )
            click.echo(f"Notice {item.id} is planned for {_people(planned)}.")
    Waker(settings.data_dir).notify("worker")


def read_draft(path: Path, title: str | None = None) -> Draft:
    """Read a notice file. Raises Refused with one sentence when it cannot be sent."""
    text = _read_text(path)
    if len(text) > LONGEST_FILE:
        raise Refused(f"{path} has {len(text):,} characters; a notice may have {LONGEST_FILE:,}.")
    first, _, rest = text.partition("\n")
    separated = rest.startswith("\n") and bool(rest.strip())
    if title and not separated:
        return Draft(title.strip(), text)
    if not separated:
        raise Refused(f"{path} must hold a title, a blank line, then the text.")
    return Draft((title or first).strip(), rest.strip())


def _read_text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        decoded = raw.decode("utf-8-sig")
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is not UTF-8 text.") from error
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", decoded).splitlines()]
    text = "\n".join(lines).strip()
    if not text:
        raise Refused(f"{path} is empty.")
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in text):
        raise Refused(f"{path} is not plain text.")
    if any(line in ("---", "===") for line in lines):
        raise Refused(f"{path} has a line of only --- or ===, which would cut the notice.")
    return text


def _find(settings: Settings, topic_text: str, area_text: str | None) -> tuple[Topic, str | None]:
    registry = Registry(settings.registry_path)
    topic = registry.topics.find(topic_text)
    if topic is None:
        known = ", ".join(item.slug for item in registry.topics.all())
        raise Refused(f"There is no topic {topic_text!r}; there are: {known}.")
    return topic, _area(registry, area_text) if area_text else None


def _area(registry: Registry, text: str) -> str:
    found = registry.find_areas(text) or registry.find_areas(text.replace("-", " "))
    if not found:
        raise Refused(f"There is no commune or ward {text!r}.")
    today = registry.successors(found[0])
    if len(today) != 1:
        names = ", ".join(area.name for area in today)
        raise Refused(f"{found[0].name} is now several places, name one: {names}.")
    return today[0].slug


def render(settings: Settings, announcement: Announcement, notice: Notice) -> Reply:
    """Return the notice exactly as a citizen gets it. Raises Refused if it is too long."""
    topics, pages = Registry(settings.registry_path).topics, build_pages(settings)
    words = NoticeWords(build_wording(settings), topics, str, pages)
    reply = words.reply(announcement, notice)
    if len(reply.text) > LONGEST_NOTICE:
        raise Refused(
            f"With source and topic the notice has {len(reply.text):,} characters; "
            f"a platform takes {LONGEST_NOTICE:,}."
        )
    return reply


def _preview(reply: Reply, followers: dict[str, int]) -> None:
    click.echo("-" * 60)
    click.echo(reply.text)
    for button in reply.buttons:
        click.echo(f"[{button.title}] {button.url or button.phone or button.payload}")
    click.echo("-" * 60)
    parts = ", ".join(f"{channel} {count:,}" for channel, count in followers.items())
    reach = _people(sum(followers.values()))
    click.echo(f"Goes to {reach} ({parts})." if parts else f"Goes to {reach}.")


def _warn(unreachable: Mapping[str, int]) -> None:
    if unreachable:
        click.echo(f"Cannot be reached now and will be skipped: {_reasons(unreachable)}.")


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in counts.items())


def _people(count: int) -> str:
    return "1 citizen" if count == 1 else f"{count:,} citizens"


def _send(settings: Settings, store: Store, draft: Announcement, reply: Reply) -> None:
    now = utc_now()
    fields = {name: value for name, value in asdict(draft).items() if name in _PUBLISHED}
    made = store.announcements.publish(**fields, now=now)
    detail = {"topic": made.topic, "area": made.area, "urgent": made.urgent}
    store.audit.append(actor(), "notice_published", f"notice:{made.id}", detail, now)
    notice = replace(reply, meta={"notice_id": made.id})
    planned = _show(store.notices.plan(made, notice, now))
    Waker(settings.data_dir).notify("worker")
    skipped = store.deliveries.skipped_for(made.id)
    reached = planned - sum(skipped.values())
    besides = f" Skipped: {_reasons(skipped)}." if skipped else ""
    click.echo(f"Notice {made.id} is planned for {_people(reached)}.{besides} {FOLLOW}")


_PUBLISHED = ("topic", "title", "body", "issuer", "area", "number", "url", "urgent", "code")


def _show(steps: Iterator[Progress]) -> int:
    """Run a plan under a progress bar; return how many citizens it reached."""
    done = 0
    with tqdm(desc="Planning", unit=" citizens", disable=not sys.stderr.isatty()) as bar:
        for step in steps:
            bar.total = step.total
            bar.update(step.done - done)
            done = step.done
    return done


for command in sending:
    notices.add_command(command)
