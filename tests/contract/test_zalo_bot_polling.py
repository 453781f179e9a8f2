"""Long polling: every update is kept once, in order; nothing new and failures are no drama."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

import pytest

from bot.channels.zalo_bot import BotApi, Polling
from bot.core.errors import StoreUnavailable
from bot.core.messages import Inbound
from bot.settings import Settings
from bot.store import Store
from bot.wiring.channels import build_channels
from bot.wiring.worker import build_polling
from tests.contract.channel_desk import TIMEOUTS, Clock, a_store
from tests.contract.channel_samples import BOT_SECRET
from tests.contract.zalo_stub import Stub
from tests.simulator import Simulator

PERSON = "2000000000000000002"


class Shelf:
    """Keeps messages; may refuse for a while."""

    def __init__(self) -> None:
        self.kept: list[Inbound] = []
        self.refusals: list[Exception] = []
        self.came = threading.Event()

    def keep(self, inbounds: Sequence[Inbound], now: datetime) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.kept += inbounds
        self.came.set()

    @property
    def texts(self) -> list[str]:
        return [inbound.text for inbound in self.kept]


@pytest.fixture
def bot() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def a_polling(url: str, token: str, shelf: Shelf, seconds: int = 0) -> Polling:
    api = BotApi(token=token, api_url=url, timeouts=TIMEOUTS, clock=Clock())
    return Polling(api, shelf.keep, nullcontext, Clock(), seconds)


@pytest.fixture
def polling(bot: Simulator, shelf: Shelf) -> Polling:
    return a_polling(bot.url, bot.account.bot_token, shelf)


def test_updates_are_kept_one_by_one_in_order(
    bot: Simulator, polling: Polling, shelf: Shelf
) -> None:
    for text in ("một", "hai", "ba"):
        bot.bot.says(PERSON, text)

    rests = [polling.step() for _ in range(4)]

    assert shelf.texts == ["một", "hai", "ba"]
    assert {inbound.sender_id for inbound in shelf.kept} == {bot.world.bot.chat_of(PERSON)}
    assert rests == [0.0] * 4  # nothing new is not a failure


def test_a_photo_and_a_sticker_come_the_same_way(
    bot: Simulator, polling: Polling, shelf: Shelf
) -> None:
    bot.bot.sends_photo(PERSON, "https://photo.zdn.vn/a.jpg", "của tôi")
    bot.bot.sends_sticker(PERSON, "https://zalo-api.zadn.vn/s")
    bot.bot.event(PERSON, "message.reaction.received")
    for _ in range(3):
        polling.step()

    assert [inbound.kind.value for inbound in shelf.kept] == ["image", "sticker"]
    assert shelf.kept[0].media_url == "https://photo.zdn.vn/a.jpg"


def test_what_the_store_refuses_is_held_and_kept_later(
    bot: Simulator, polling: Polling, shelf: Shelf
) -> None:
    shelf.refusals = [StoreUnavailable("away"), StoreUnavailable("away")]
    bot.bot.says(PERSON, "một")
    bot.bot.says(PERSON, "hai")

    rests = [polling.step() for _ in range(4)]

    assert rests == [1.0, 2.0, 0.0, 0.0]
    assert shelf.texts == ["một", "hai"]


def test_what_the_store_chokes_on_does_not_stop_the_others(
    bot: Simulator, polling: Polling, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.refusals = [ValueError("no such kind")]
    bot.bot.says(PERSON, "một")
    bot.bot.says(PERSON, "hai")
    polling.step()
    polling.step()

    assert shelf.texts == ["hai"]
    assert "event=update_refused error=ValueError" in caplog.text


def test_failures_are_waited_out_longer_and_longer_and_told_once(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    polling = a_polling("http://127.0.0.1:1", "1:very-secret", shelf)

    rests = [polling.step() for _ in range(8)]

    assert rests == [1, 2, 4, 8, 16, 32, 60, 60]
    assert caplog.text.count("event=polling_failed") == 1
    assert "very-secret" not in caplog.text


def test_a_webhook_that_is_set_is_told_with_the_cure(
    bot: Simulator, polling: Polling, caplog: pytest.LogCaptureFixture
) -> None:
    bot.world.bot.set_webhook("http://127.0.0.1:1", BOT_SECRET)

    assert polling.step() > 0
    assert "zalo-bot delete-webhook" in caplog.text


def test_a_refused_token_is_told_with_the_cure(
    bot: Simulator, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    assert a_polling(bot.url, "1:other", shelf).step() > 0
    assert "MOTCUA_ZALO_BOT_TOKEN" in caplog.text


@pytest.mark.parametrize("answer", [(408, b""), {"ok": True}, {"ok": True, "result": {}}])
def test_every_way_of_saying_nothing_new_is_understood(shelf: Shelf, answer: object) -> None:
    with Stub().running() as stub:
        stub.answer(answer)

        assert a_polling(stub.url, "1:a", shelf).step() == 0.0
        assert stub.seen[0].json == {"timeout": "0"}


def test_it_stops_when_told_to_and_keeps_what_it_was_given(bot: Simulator, shelf: Shelf) -> None:
    stopping = threading.Event()
    polling = a_polling(bot.url, bot.account.bot_token, shelf, seconds=1)
    thread = threading.Thread(target=polling.run, args=(stopping,), daemon=True)
    thread.start()
    bot.bot.says(PERSON, "một")
    assert shelf.came.wait(10)

    stopping.set()
    thread.join(10)

    assert not thread.is_alive()
    assert shelf.texts == ["một"]


def settings(bot: Simulator, folder: Path, **more: str) -> Settings:
    return Settings(
        data_dir=folder,
        zalo_bot_token=bot.account.bot_token,
        zalo_bot_api_url=bot.url,
        **more,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = a_store(tmp_path)
    yield made
    made.close()


def test_the_worker_polls_into_the_journal(bot: Simulator, store: Store, tmp_path: Path) -> None:
    chosen = settings(bot, tmp_path)
    heard: list[bool] = []
    channels = build_channels(chosen, store)
    polling = build_polling(chosen, store, channels, lambda: heard.append(True))
    bot.bot.says(PERSON, "chào em")

    assert polling is not None
    polling.step()

    assert store.journal.backlog().waiting == 1
    assert heard == [True]


def test_with_a_secret_a_webhook_brings_the_messages(
    bot: Simulator, store: Store, tmp_path: Path
) -> None:
    chosen = settings(bot, tmp_path, zalo_bot_secret=BOT_SECRET)

    assert build_polling(chosen, store, build_channels(chosen, store), print) is None
