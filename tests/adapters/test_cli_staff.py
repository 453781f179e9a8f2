"""``flask --app server staff``: accounts made, shown, locked and reset from the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli.doctor import doctor
from bot.cli.staff import staff
from bot.core.staff.door import login_key
from bot.core.staff.roles import Role
from bot.settings import Settings
from bot.store import Store, open_store
from bot.store.schema import audit
from bot.wiring.desk import utc_now

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MOTCUA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MOTCUA_PUBLIC_URL", "https://motcua.example")
    monkeypatch.setenv("MOTCUA_SECRET_KEY", "only-for-tests")

    def run_it(*arguments: str, status: int = 0, typed: str = "") -> str:
        done = CliRunner().invoke(staff, arguments, input=typed)
        assert done.exit_code == status, done.output
        return done.output

    return run_it


@pytest.fixture
def store(run: Run, tmp_path: Path) -> Iterator[Store]:
    settings = Settings(data_dir=tmp_path)
    opened = open_store(settings.store_url, ("only-for-tests",))
    opened.upgrade()
    yield opened
    opened.close()


def token_in(output: str) -> str:
    (found,) = re.findall(r"https://motcua\.example/console/enrol/([\w-]{43})\n", output)
    return str(found)


def actions(store: Store) -> list[tuple[str, str]]:
    with store._db.read() as connection:
        rows = connection.execute(audit.select().order_by(audit.c.id)).all()
    return [(row.action, row.subject) for row in rows]


def test_the_first_administrator_gets_a_link_that_enrols(run: Run, store: Store) -> None:
    output = run("add", "Nguyễn Thị Lan", "--login", "Lan", "--role", "admin")

    invitation = store.staff.invitation(token_in(output), utc_now())
    assert invitation
    assert invitation.staff.login == "lan"
    assert invitation.staff.roles == {Role.ADMIN}
    assert actions(store) == [("staff_added", "staff:1")]


def test_the_link_stands_in_no_table(run: Run, store: Store, tmp_path: Path) -> None:
    token = token_in(run("add", "Lan", "--login", "lan", "--role", "author"))

    for path in tmp_path.glob("motcua.db*"):
        assert token.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "Lan", "--login", "lan"),
        ("add", "Lan", "--login", "x", "--role", "author"),
        ("add", "Lan", "--login", "lan lan", "--role", "author"),
        ("add", " ", "--login", "lan", "--role", "author"),
        ("add", "Lan", "--login", "lan", "--role", "king"),
        ("lock", "nobody"),
        ("reset", "nobody", "--yes"),
        ("roles", "nobody"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    run: Run, store: Store, arguments: tuple[str, ...]
) -> None:
    run(*arguments, status=2)

    assert store.staff.all() == []
    assert actions(store) == []


def test_a_login_that_is_taken_is_refused(run: Run, store: Store) -> None:
    run("add", "Lan", "--login", "lan", "--role", "author")

    assert "choose another" in run("add", "Other", "--login", "LAN", "--role", "admin", status=2)
    assert len(store.staff.all()) == 1


def test_the_list_says_who_may_do_what(run: Run) -> None:
    assert "no account yet" in run("list")
    run("add", "Lan", "--login", "lan", "--role", "approver", "--role", "author")

    line = run("list")

    assert "author,approver" in line
    assert "not enrolled" in line


def test_roles_are_set_to_exactly_those_given(run: Run, store: Store) -> None:
    run("add", "Lan", "--login", "lan", "--role", "author")

    assert "approver, admin" in run("roles", "lan", "--role", "admin", "--role", "approver")
    assert "approver, admin" in run("roles", "lan")
    assert actions(store)[-1] == ("staff_roles", "staff:1")
    assert "approves nothing by that alone" in run("roles")


def test_locking_and_unlocking(run: Run, store: Store) -> None:
    run("add", "Lan", "--login", "lan", "--role", "author")
    store.logins.begin(login_key("lan"), "", utc_now())

    run("lock", "lan")
    assert "locked" in run("list")
    assert "1 wrong attempts are forgotten" in run("unlock", "lan")
    assert [action for action, _ in actions(store)][1:] == ["staff_locked", "staff_unlocked"]


def test_a_reset_asks_and_prints_a_new_link(run: Run, store: Store) -> None:
    first = token_in(run("add", "Lan", "--login", "lan", "--role", "author"))

    run("reset", "lan", status=1, typed="n\n")
    assert store.staff.invitation(first, utc_now())

    second = token_in(run("reset", "lan", typed="y\n"))
    assert store.staff.invitation(first, utc_now()) is None
    assert store.staff.invitation(second, utc_now())


def test_help_teaches_the_first_step(run: Run) -> None:
    page = run("--help")

    assert "staff add" in page
    assert "approves only if also approver" in page


def test_the_doctor_says_who_is_missing(run: Run, store: Store, tmp_path: Path) -> None:
    def findings() -> list[str]:
        done = CliRunner().invoke(doctor, ["--offline"])
        return [line for line in done.output.splitlines() if " staff" in line]

    assert [line[:40] for line in findings()] == [
        "warn staff: there is no administrator: r",
        "warn staff: nobody can write notices: gi",
    ]
    people = {"quan": ["admin"], "lan": ["author"], "minh": ["approver"], "hoa": ["approver"]}
    for login, roles in people.items():
        run("add", login, "--login", login, *(f"--role={role}" for role in roles))
    assert "no administrator can log in" in findings()[0]
    for login in people:
        enrol(store, login, run("reset", login, "--yes"))
    assert findings() == ["ok   staff"]

    run("lock", "hoa")
    assert "two approvers" in findings()[0]
    run("lock", "minh")
    assert "nobody could approve what another wrote" in findings()[0]
    assert "Nobody can look after accounts now" in run("lock", "quan")


def enrol(store: Store, login: str, output: str) -> None:
    link = (token_in(output), "browser")
    assert store.staff.open_invitation(*link, "SECRET", utc_now())
    assert store.staff.enrol(*link, "hash", 0, ("digest",), utc_now())
