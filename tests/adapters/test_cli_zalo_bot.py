"""The operator looks at the bot and switches between webhook and polling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.zalo_bot import checks, zalo_bot
from bot.settings import Settings
from tests.simulator import Simulator

Run = Callable[..., Result]
SECRET = "a-secret-of-the-operator"
WEBHOOK = "https://motcua.example/webhooks/zalo_bot"


@pytest.fixture
def zalo() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def environ(zalo: Simulator, tmp_path: Path) -> dict[str, str]:
    return {
        "MOTCUA_DATA_DIR": str(tmp_path),
        "MOTCUA_ZALO_APP_ID": "",
        "MOTCUA_PUBLIC_URL": "https://motcua.example",
        "MOTCUA_ZALO_BOT_TOKEN": zalo.account.bot_token,
        "MOTCUA_ZALO_BOT_SECRET": SECRET,
        "MOTCUA_ZALO_BOT_API_URL": zalo.url,
    }


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    def run_it(command: str, **changes: str) -> Result:
        return CliRunner(env={**environ, **changes}).invoke(zalo_bot, [command])

    return run_it


def test_a_webhook_is_set_shown_and_deleted(run: Run, zalo: Simulator) -> None:
    assert "Messages now come to " + WEBHOOK in run("set-webhook").output
    assert zalo.world.bot.webhook
    assert (zalo.world.bot.webhook.url, zalo.world.bot.webhook.secret) == (WEBHOOK, SECRET)
    shown = run("info")
    assert (shown.exit_code, WEBHOOK in shown.output) == (0, True)

    assert "Unset MOTCUA_ZALO_BOT_SECRET" in run("delete-webhook").output

    assert zalo.world.bot.webhook is None


def test_without_webhook_and_secret_the_worker_polls(run: Run) -> None:
    shown = run("info", MOTCUA_ZALO_BOT_SECRET="")

    assert shown.exit_code == 0
    assert "bot.motcua" in shown.output
    assert "the worker polls" in shown.output


def test_a_webhook_that_is_missing_is_told_with_the_command(run: Run) -> None:
    shown = run("info")

    assert shown.exit_code == 1
    assert "run `flask --app server zalo-bot set-webhook`" in shown.output


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"MOTCUA_ZALO_BOT_TOKEN": ""}, "set MOTCUA_ZALO_BOT_TOKEN first"),
        ({"MOTCUA_ZALO_BOT_TOKEN": "abc"}, "not a bot's token"),
        ({"MOTCUA_ZALO_BOT_SECRET": ""}, "Set MOTCUA_ZALO_BOT_SECRET first"),
        ({"MOTCUA_ZALO_BOT_SECRET": "short"}, "8 to 256"),
        ({"MOTCUA_PUBLIC_URL": "http://a.vn"}, "not https"),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(
    run: Run, changes: dict[str, str], said: str
) -> None:
    done = run("set-webhook", **changes)

    assert done.exit_code == 2
    assert said in done.output


def test_a_refused_token_is_told_without_showing_it(run: Run) -> None:
    done = run("info", MOTCUA_ZALO_BOT_TOKEN="1:very-secret")

    assert done.exit_code == 1
    assert "MOTCUA_ZALO_BOT_TOKEN" in done.output
    assert "very-secret" not in done.output


def test_the_doctor_looks_at_the_bot(environ: dict[str, str], run: Run) -> None:
    settings = Settings.from_env(environ)
    assert [finding.good for finding in checks(settings)] == [False]

    run("set-webhook")

    assert [finding.line for finding in checks(settings)] == ["ok   zalo bot: bot.motcua, webhook"]


def test_the_doctor_tells_when_the_platform_is_not_reached(environ: dict[str, str]) -> None:
    away = Settings.from_env({**environ, "MOTCUA_ZALO_BOT_API_URL": "http://127.0.0.1:1"})

    (finding,) = checks(away)

    assert not finding.good
    assert "not reached" in finding.detail
