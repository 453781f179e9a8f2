"""The operator looks after several accounts of one app."""

# ruff: noqa: F811 - fixtures are named like the arguments that ask for them
from __future__ import annotations

from bot.wiring.desk import utc_now
from tests.adapters.test_cli_zalo import (  # noqa: F401 - fixtures
    ACCOUNT,
    GRANTED,
    OA,
    QUOTA,
    environ,
    examine,
    keep,
    lines,
    run,
    server,
    store,
    stub,
)

OTHER = "4000000000000000005"
BOTH = {"MOTCUA_ZALO_ACCOUNTS": f"{OTHER}:other-secret"}


def test_login_and_refresh_are_for_one_account(run, stub, store):
    redirect = f"https://motcua.example/?code=the-code-0123&oa_id={OTHER}"
    stub.answer(GRANTED, {**ACCOUNT, "data": {**ACCOUNT["data"], "oaid": OTHER}}, QUOTA)

    done = run("login", "--account", OTHER, answer=f"{redirect}\n", **BOTH)

    assert done.exit_code == 0, done.output
    assert OTHER in done.output
    assert store.tokens.load("zalo", OTHER).refresh_token == "refresh-secret"
    assert store.tokens.load("zalo", OA) is None

    stub.answer({**GRANTED, "access_token": "a2", "refresh_token": "refresh-second"})
    done = run("refresh", "--account", OTHER, **BOTH)
    assert done.exit_code == 0, done.output
    assert store.tokens.load("zalo", OTHER).refresh_token == "refresh-second"


def test_the_redirect_of_another_account_is_refused(run, stub):
    done = run(
        "login", "--account", OTHER, answer=f"https://a.vn/?code=c-0123&oa_id={OA}\n", **BOTH
    )

    assert done.exit_code == 2
    assert stub.seen == []


def test_an_account_nobody_configured_is_refused(run):
    done = run("refresh", "--account", "4999", **BOTH)

    assert done.exit_code == 2
    assert OA in done.output
    assert OTHER in done.output


def test_status_shows_all_accounts_or_one(run, stub, store):
    keep(store)
    stub.answer(ACCOUNT, QUOTA)
    store.pauses.begin(f"zalo-{OTHER}", "account", "-204", utc_now(), utc_now(), person=True)

    both, one = run("status", **BOTH), run("status", "--account", OA, **BOTH)

    assert both.exit_code == 1
    assert f"account   {OA}" in both.output
    assert f"account   {OTHER}" in both.output
    assert f"zalo login --account {OTHER}" in both.output
    assert "-204" in both.output
    assert OTHER not in one.output
    assert one.exit_code == 0


def test_the_doctor_looks_at_each_account(run, stub, store):
    keep(store)

    found = lines(examine(run, "--offline", **BOTH))

    assert found[f"zalo tokens {OA}"].startswith("ok")
    assert f"zalo login --account {OTHER}" in found[f"zalo tokens {OTHER}"]
