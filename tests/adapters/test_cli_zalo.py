"""The operator connects an account, looks after its tokens and asks the doctor."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from bot.channels.zalo import oauth
from bot.cli.doctor import doctor
from bot.cli.zalo import zalo
from bot.store import TokenPair, open_store
from bot.wiring.desk import utc_now
from tests.contract.store_builders import a_message
from tests.contract.zalo_stub import Stub

OA = "4000000000000000004"
KEY = "a key of the operator's own"
GRANTED = {
    "access_token": "access-secret",
    "refresh_token": "refresh-secret",
    "expires_in": "90000",
}
ACCOUNT = {
    "error": 0,
    "data": {
        "oaid": OA,
        "name": "Một cửa",
        "is_verified": True,
        "num_follower": 1200,
        "package_name": "Standard",
    },
}
QUOTA = {
    "error": 0,
    "data": [{"product_type": "cs", "quota_type": "sub_quota", "total": 500, "remain": 20}],
}
GONE = {"error": -14005, "error_description": "code is invalid"}


@pytest.fixture(scope="module")
def server():
    with Stub().running() as stub:
        yield stub


@pytest.fixture
def stub(server):
    server.answer(GRANTED, ACCOUNT, QUOTA)
    return server


@pytest.fixture
def environ(tmp_path, stub):
    return {
        "MOTCUA_DATA_DIR": str(tmp_path),
        "MOTCUA_DATABASE_URL": "",
        "MOTCUA_TOKEN_KEY": "",
        "MOTCUA_SECRET_KEY": KEY,
        "MOTCUA_PUBLIC_URL": "https://motcua.example",
        "MOTCUA_MODEL_DIR": str(tmp_path / "models"),
        "MOTCUA_ZALO_APP_ID": "1000000000000000001",
        "MOTCUA_ZALO_APP_SECRET": "app-secret",
        "MOTCUA_ZALO_OA_ID": OA,
        "MOTCUA_ZALO_OA_SECRET": "oa-secret",
        "MOTCUA_ZALO_API_URL": stub.url,
        "MOTCUA_ZALO_OAUTH_URL": stub.url,
        "MOTCUA_ZALO_REFRESH_TOKEN": "",
        "MOTCUA_ZALO_CODE_VERIFIER": "",
        "MOTCUA_ZALO_CALLBACK_URL": "",
    }


@pytest.fixture
def store(tmp_path):
    made = open_store(f"sqlite:///{tmp_path / 'motcua.db'}", (KEY,))
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def run(environ):
    def run_it(*words, answer=None, command=zalo, **changes):
        return CliRunner(env={**environ, **changes}).invoke(command, list(words), input=answer)

    return run_it


def keep(store, hours=20, saved_days=0):
    now = utc_now()
    pair = TokenPair("access-secret", "refresh-secret", now + timedelta(hours=hours))
    store.tokens.save("zalo", OA, pair, now - timedelta(days=saved_days))


# Login


def test_login_shows_the_address_takes_the_redirect_and_keeps_the_pair(run, stub, store):
    redirect = f"https://motcua.example/?code=the-code-0123&oa_id={OA}"

    done = run("login", answer=f"{redirect}\n")

    assert done.exit_code == 0, done.output
    shown = re.search(r"http://\S+/v4/oa/permission\?(\S+)", done.output)
    query = {name: values[0] for name, values in parse_qs(shown[1]).items()}
    assert set(query) == {"app_id", "redirect_uri", "code_challenge", "state"}
    assert query["redirect_uri"] == "https://motcua.example/"
    form = parse_qs(stub.seen[0].body.decode())
    assert form["grant_type"] == ["authorization_code"]
    assert form["code"] == ["the-code-0123"]
    assert len(form["code_verifier"][0]) == 43
    assert oauth.challenge(form["code_verifier"][0]) == query["code_challenge"]
    assert stub.seen[0].headers["secret_key"] == "app-secret"
    assert store.tokens.load("zalo", OA).refresh_token == "refresh-secret"
    assert "Một cửa" in done.output
    assert "secret" not in done.output


def test_login_with_a_fixed_verifier_needs_no_questions(run, stub, store):
    done = run("login", "--code", "the-code-0123", MOTCUA_ZALO_CODE_VERIFIER="v" * 43)

    assert done.exit_code == 0, done.output
    assert parse_qs(stub.seen[0].body.decode())["code_verifier"] == ["v" * 43]


@pytest.mark.parametrize(
    ("pasted", "says"),
    [
        ("https://a.vn/?code=abcdefgh12&state=of-another", "another attempt"),
        ("https://a.vn/?code=abcdefgh12&oa_id=999", "another account"),
        ("https://a.vn/?error_code=-14003", "-14003"),
        ("https://a.vn/", "whole address"),
        ("what?", "whole address"),
    ],
)
def test_a_wrong_paste_is_refused_before_anything_is_sent(run, stub, pasted, says):
    done = run("login", answer=f"{pasted}\n")

    assert done.exit_code == 2
    assert says in done.output
    assert stub.seen == []


def test_a_code_of_an_unknown_challenge_is_refused(run, stub):
    assert run("login", "--code", "the-code-0123").exit_code == 2
    assert stub.seen == []


def test_a_refused_code_is_told_in_plain_words(run, stub, store):
    stub.answer(GONE)

    done = run("login", answer="the-code-0123\n")

    assert done.exit_code == 1
    assert "ten minutes" in done.output
    assert "zalo login" in done.output
    assert store.tokens.load("zalo", OA) is None


def test_login_lets_waiting_messages_try_at_once(run, store):
    now = utc_now()
    store.deliveries.pause("zalo", "account", "-14014", now, now + timedelta(hours=1), True)

    run("login", answer="the-code-0123\n")

    (pause,) = store.pauses.of("zalo", utc_now())
    assert pause.until <= utc_now()


def test_a_lost_key_does_not_keep_from_a_new_login(run, store):
    keep(store)
    other = {"MOTCUA_SECRET_KEY": "quite another key"}

    assert "MOTCUA_TOKEN_KEY" in run("refresh", **other).output
    assert run("login", answer="the-code-0123\n", **other).exit_code == 0


def test_without_settings_the_commands_say_which(run):
    done = run("status", MOTCUA_ZALO_APP_ID="")

    assert done.exit_code == 2
    assert "MOTCUA_ZALO_APP_ID" in done.output


# Refresh and status


def test_refresh_takes_a_new_pair(run, stub, store):
    keep(store)
    new = {**GRANTED, "access_token": "a2", "refresh_token": "r2"}
    stub.answer(new)

    done = run("refresh")

    assert done.exit_code == 0, done.output
    assert parse_qs(stub.seen[0].body.decode())["refresh_token"] == ["refresh-secret"]
    assert store.tokens.load("zalo", OA).refresh_token == "r2"
    assert not re.search(r"secret|a2|r2", done.output)


def test_a_dead_refresh_token_is_told_with_its_steps(run, stub, store):
    keep(store)
    stub.answer({"error": -14014})

    done = run("refresh")

    assert done.exit_code == 1
    assert "1. run `flask --app server zalo login`" in done.output


def test_status_shows_everything_and_uses_no_token_up(run, stub, store):
    keep(store, saved_days=1)
    store.journal.receive([a_message()], utc_now() - timedelta(minutes=5))
    stub.answer(ACCOUNT, QUOTA)

    done = run("status")

    assert done.exit_code == 0, done.output
    for words in (
        OA,
        "last refresh 1 d ago",
        "last event 5 min ago",
        "1,200 followers",
        "20 of 500 left",
    ):
        assert words in done.output
    assert [seen.path for seen in stub.seen] == ["/v2.0/oa/getoa", "/v3.0/oa/quota/message"]
    assert "secret" not in done.output


def test_status_tells_what_is_paused_and_what_to_do(run, stub, store):
    keep(store)
    now = utc_now()
    store.deliveries.pause("zalo", "notices", "-320", now, now + timedelta(minutes=5), True)
    stub.answer(ACCOUNT, QUOTA)

    done = run("status")

    assert done.exit_code == 1
    assert "notices wait: code -320" in done.output
    assert "Zalo Cloud Account" in done.output


def test_status_never_replaces_a_refused_token(run, stub, store):
    keep(store)
    stub.answer({"error": -216})

    done = run("status")

    assert done.exit_code == 1
    assert "zalo refresh" in done.output
    assert len(stub.seen) == 1


def test_status_tells_of_a_refresh_that_never_ended(run, stub, store):
    keep(store)
    store.tokens.begin("zalo", OA, utc_now() - timedelta(hours=2))
    stub.answer(ACCOUNT, QUOTA)

    assert "begun 2 h ago never ended" in run("status").output


# Doctor


def lines(done):
    return {line[5:].partition(":")[0]: line for line in done.output.splitlines()}


def examine(run, *words, **changes):
    return run(*words, command=doctor, **changes)


def test_the_doctor_says_ok_warn_or_fix_for_each_thing(run, stub, store):
    keep(store)
    store.journal.receive([a_message()], utc_now())
    stub.answer(ACCOUNT, QUOTA)

    done = examine(run, "--offline")

    assert done.exit_code == 1  # neither model nor registry nor worker here
    found = lines(done)
    assert all(re.match(r"ok   \S|warn \S|fix: \S", line) for line in found.values())
    for name in ("settings", "province", "store", "zalo signature", "zalo tokens", "zalo webhook"):
        assert found[name].startswith("ok"), found[name]
    assert found["registry"] == "fix: registry: run `flask --app server registry build`"
    assert found["worker"].startswith("fix: worker: no worker is running")
    assert stub.seen == []


@pytest.mark.parametrize(
    ("changes", "name", "says"),
    [
        ({"MOTCUA_ZALO_OA_SECRET": ""}, "settings", "MOTCUA_ZALO_OA_SECRET"),
        ({"MOTCUA_SECRET_KEY": ""}, "settings", "MOTCUA_TOKEN_KEY"),
        ({"MOTCUA_SECRET_KEY": "short"}, "settings", "16 characters"),
        ({"MOTCUA_ZALO_OA_SECRET": "app-secret"}, "zalo secrets", "Webhook page"),
        ({"MOTCUA_PUBLIC_URL": "http://motcua.example"}, "public address", "https"),
        ({"MOTCUA_PUBLIC_URL": "https://a.example:8443"}, "public address", "without a port"),
        ({}, "zalo tokens", "zalo login"),
        ({}, "zalo webhook", "no event has ever come"),
    ],
)
def test_the_doctor_finds_what_is_amiss(run, store, changes, name, says):
    found = lines(examine(run, "--offline", **changes))

    assert found[name].startswith("fix: ")
    assert says in found[name]


def test_the_doctor_finds_a_wrong_number_in_the_settings(run):
    done = examine(run, MOTCUA_PORT="many")

    assert (done.exit_code, done.output[:14]) == (1, "fix: settings:")


@pytest.mark.parametrize(
    ("change", "name", "says"),
    [
        (lambda store: keep(store, saved_days=80), "zalo tokens", "zalo refresh"),
        (
            lambda store: store.tokens.begin("zalo", OA, utc_now() - timedelta(hours=1)),
            "zalo tokens",
            "never ended",
        ),
        (
            lambda store: store.deliveries.pause(
                "zalo", "account", "-204", utc_now(), utc_now() + timedelta(minutes=5), True
            ),
            "zalo sending",
            "oa.zalo.me",
        ),
        (
            lambda store: store.journal.receive([a_message()], utc_now() - timedelta(days=8)),
            "zalo webhook",
            "switch it on again",
        ),
    ],
)
def test_the_doctor_reads_the_store(run, store, change, name, says):
    keep(store)
    change(store)

    found = lines(examine(run, "--offline"))

    assert found[name].startswith("fix: ")
    assert says in found[name]


def test_the_doctor_asks_the_platform_and_its_own_address(run, stub, store):
    keep(store)
    stub.answer({"error": 0}, {}, ACCOUNT, QUOTA)

    found = lines(examine(run, MOTCUA_PUBLIC_URL=stub.url))

    assert found["clock"].startswith("ok")
    assert found["webhook address"].startswith("ok")
    assert found["zalo account"] == "ok   zalo account: Một cửa, package Standard"
    assert [urlsplit(seen.path).path for seen in stub.seen][1] == "/webhooks/zalo"
    assert stub.seen[1].body == b"{}"


def test_the_doctor_finds_a_clock_that_is_wrong(run, stub, store, monkeypatch):
    late = utc_now() + timedelta(minutes=10)
    monkeypatch.setattr("bot.cli.doctor.utc_now", lambda: late)

    found = lines(examine(run))

    assert "NTP" in found["clock"]


def test_the_doctor_tells_what_is_not_reached(run, store):
    nowhere = "http://127.0.0.1:1"

    found = lines(examine(run, MOTCUA_ZALO_API_URL=nowhere, MOTCUA_PUBLIC_URL=nowhere))

    assert "MOTCUA_ZALO_API_URL" in found["zalo address"]
    assert "reverse proxy" in found["webhook address"]
