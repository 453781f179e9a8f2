"""One citizen on each channel, from their hand to the journal and from the deliveries back.

Everything of the desk is real but the language: web app, journal, lanes, channel. What the
citizen does and sees goes through the page's API or the simulated platform.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.channels.web import WebChannel
from bot.channels.zalo import ZaloVisitors
from bot.channels.zalo_bot import Polling, ZaloBotChannel
from bot.core.channel import Channel
from bot.core.conversation.numbered import Numbered
from bot.core.messages import Claimed, Inbound, Reply, Turn
from bot.core.work.conversation_lane import ConversationLane
from bot.core.work.delivery_lane import DeliveryLane
from bot.settings import Settings
from bot.wiring.desk import read_acts
from tests.adapters.web_parts import PNG, Parts, Talker, web_app
from tests.builders import WORDING
from tests.contract.channel_desk import TIMEOUTS, Clock, a_channel, a_store, some_tokens
from tests.contract.channel_samples import BOT_SECRET
from tests.simulator import Simulator

ME, OTHER = "2000000000000000002", "2000000000000000003"
ACTS = read_acts()


@dataclass(frozen=True)
class Seen:
    """One bubble on the citizen's screen; ``buttons`` as the platform got them."""

    text: str
    buttons: tuple[dict[str, Any], ...] = ()
    image_url: str | None = None

    @property
    def whole(self) -> str:
        """Return everything that can be read or tapped, as text."""
        return f"{self.text} {json.dumps(self.buttons, ensure_ascii=False)}"


def number_of(title: str, seen: Sequence[Seen]) -> str:
    """Return what to write for a button where there are none."""
    lines = [line for one in seen for line in one.text.splitlines()]
    (number,) = {line.partition(". ")[0] for line in lines if line.endswith(f". {title}")}
    return number


@dataclass
class Driver:
    """A desk with one channel; ``heard`` is what reached the talk."""

    parts: Parts
    channel: Channel
    clock: Clock
    heard: list[Inbound] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parts.now = self.clock.now
        self.parts.channels = {"web": WebChannel(), self.channel.name: self.channel}
        self.app = web_app(self.parts)

    def work(self, *replies: Reply) -> None:
        """Answer everything that waits with ``replies`` and send it."""

        def answer(claimed: Claimed, now: datetime) -> Turn:
            self.heard.append(claimed.inbound)
            return Turn(replies)

        channels = self.parts.channels
        plain = {name for name, channel in channels.items() if not channel.has_buttons}
        turn = Numbered(answer, plain, ACTS, WORDING).turn
        journal = self.parts.store.journal
        lane = ConversationLane(journal, turn, lambda _: Turn(()), channels, "t", lambda _: None)
        while lane.step(self.clock):
            pass
        self.send()

    def send(self) -> None:
        """Send what is due."""
        DeliveryLane(self.parts.store.deliveries, self.parts.channels, "t").step(self.clock)

    def states(self) -> dict[str, int]:
        """Return how many deliveries are in each state that has some."""
        counts = self.parts.store.deliveries.counts()
        return {getattr(state, "value", state): count for state, count in counts.items() if count}


class WebDriver(Driver):
    """The page."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.talkers = {ME: Talker(self.app), OTHER: Talker(self.app)}

    def says(self, text: str, times: int = 1) -> None:
        for _ in range(times):
            assert self.talkers[ME].say(text, client_id=f"c-{text[:20]}").status_code == 202

    def shows_photo(self) -> None:
        data = {"image": (io.BytesIO(PNG), "a.png"), "client_id": "photo"}
        assert self.talkers[ME].post(data=data).status_code == 202

    def stranger_says(self, text: str) -> None:
        assert Talker(self.app, "guessed").say(text).status_code == 401

    def presses(self, title: str) -> None:
        buttons = [button for seen in self.sees() for button in seen.buttons]
        self.says(next(button["payload"] for button in buttons if button["title"] == title))

    def sees(self, person: str = ME) -> list[Seen]:
        found = [m for m in self.talkers[person].messages() if m["from"] == "bot"]
        return [Seen(m["text"], tuple(m["buttons"]), m.get("image_url")) for m in found]


@dataclass
class ZaloDriver(Driver):
    """An official account."""

    zalo: Simulator = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.zalo.webhooks.receiver = self.receive

    def receive(self, headers: dict[str, str], body: bytes) -> int:
        client = self.app.test_client()
        return client.post("/webhooks/zalo", data=body, headers=headers).status_code

    def says(self, text: str, times: int = 1) -> None:
        self.zalo.style.duplicates = times - 1
        self.zalo.citizen_says(ME, text)

    def shows_photo(self) -> None:
        self.zalo.citizen_sends_photo(ME, PNG)

    def stranger_says(self, text: str) -> None:
        self.zalo.style.bad_signature = True
        self.zalo.citizen_says(ME, text)

    def presses(self, title: str) -> None:
        self.zalo.citizen_presses(ME, title)

    def sees(self, person: str = ME) -> list[Seen]:
        return [Seen(s.text, s.buttons, s.image_url) for s in self.zalo.sent_to(person)]

    def loses_next_answer(self) -> None:
        self.zalo.style.echoes = False  # it would tell what became of the message
        self.zalo.fail("message", "drop", acts=True)


@dataclass
class VisitorDriver(ZaloDriver):
    """An official account's visitors, who have no Zalo login."""

    account: Channel = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.parts.channels["zalo"] = self.account

    def says(self, text: str, times: int = 1) -> None:
        self.zalo.style.duplicates = times - 1
        self.zalo.visitor_says(ME, text)

    def shows_photo(self) -> None:
        self.zalo.visitor_sends_photo(ME, PNG)

    def stranger_says(self, text: str) -> None:
        self.zalo.style.bad_signature = True
        self.zalo.visitor_says(ME, text)

    def presses(self, title: str) -> None:
        self.says(number_of(title, self.sees()))

    def loses_next_answer(self) -> None:
        self.zalo.style.echoes = False
        self.zalo.fail("broadcast", "drop", acts=True)  # the old message path


@dataclass
class BotDriver(Driver):
    """A bot; ``polls`` says how its updates come."""

    zalo: Simulator = field(kw_only=True)
    polls: bool = field(kw_only=True)

    def bring(self, secret: str = BOT_SECRET, times: int = 1) -> None:
        """Bring the update that waits on the platform to the desk."""
        bot = self.channel
        assert isinstance(bot, ZaloBotChannel)
        if self.polls and times == 1 and secret == BOT_SECRET:
            journal, lock = self.parts.store.journal, self.parts.store.tokens.lock
            keep, held = journal.receive, lambda: lock("zalo_bot", "updates")
            assert Polling(bot.api, keep, held, self.clock, seconds=0).step() == 0.0
            return
        update = self.zalo.world.bot.next_update(0)
        headers = {"X-Bot-Api-Secret-Token": secret}
        for _ in range(times):
            answer = self.app.test_client().post(
                "/webhooks/zalo_bot", json=update, headers=headers
            )
            assert answer.status_code == 200

    def says(self, text: str, times: int = 1) -> None:
        self.zalo.bot.says(ME, text)
        self.bring(times=times)

    def shows_photo(self) -> None:
        self.zalo.bot.sends_photo(ME, "https://photo.zdn.vn/a.jpg")
        self.bring()

    def stranger_says(self, text: str) -> None:
        self.zalo.bot.says(ME, text)
        self.bring(secret="guessed")

    def presses(self, title: str) -> None:
        self.says(number_of(title, self.sees()))

    def sees(self, person: str = ME) -> list[Seen]:
        sent = [one.values for one in self.zalo.bot.sent_to(person)]
        return [Seen(v.get("text") or v.get("caption") or "", (), v.get("photo")) for v in sent]

    def loses_next_answer(self) -> None:
        self.zalo.fail("bot", "drop", acts=True)


def _bot(zalo: Simulator, clock: Clock) -> ZaloBotChannel:
    token = zalo.account.bot_token
    return ZaloBotChannel(
        token=token, secret=BOT_SECRET, api_url=zalo.url, timeouts=TIMEOUTS, clock=clock
    )


@contextmanager
def driven(name: str, folder: Path) -> Iterator[Any]:
    """Yield the driver called ``name``: web, zalo, zalo_visitors, zalo_bot, zalo_bot_polling."""
    clock, parts = Clock(), Parts(Settings(data_dir=folder), a_store(folder))
    with ExitStack() as stack:
        stack.callback(parts.store.close)
        if name == "web":
            yield WebDriver(parts, WebChannel(), clock)
            return
        zalo = stack.enter_context(Simulator())
        if name in ("zalo", "zalo_visitors"):
            zalo.citizen_is_known(ME)
            tokens = stack.enter_context(some_tokens(zalo, parts.store, clock))
            channel = stack.enter_context(a_channel(zalo, tokens, clock))
            visitors = ZaloVisitors(channel.name, channel.inbox, channel.api)
            if name == "zalo":
                yield ZaloDriver(parts, channel, clock, zalo=zalo)
            else:
                yield VisitorDriver(parts, visitors, clock, zalo=zalo, account=channel)
        else:
            bot = _bot(zalo, clock)
            stack.callback(bot.close)
            yield BotDriver(parts, bot, clock, zalo=zalo, polls=name == "zalo_bot_polling")
