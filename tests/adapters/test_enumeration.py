"""Somebody walks through running numbers over the chat API: stopped, told, and little leaked.

The register is as dense as it gets: every number of the day exists, so nothing but the walking
itself gives the attacker away. Each message goes through the web API, the journal and the
conversation, as in production; only the language model is missing, which codes never need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.conversation.conversation import Conversation
from bot.core.desk import Answer, Desk
from bot.core.dossiers.answers import DossierAnswers
from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.errors import DialogueUnavailable
from bot.core.messages import Turn
from bot.core.photos.payload import PhotoReading
from bot.wiring.desk import read_acts
from bot.wiring.lookups import build_gate, build_proofs
from tests.adapters.web_parts import NOW, Parts, Talker, some_parts, web_app
from tests.builders import WORDING, ZONE, FakeCatalogue, FakeSource, a_dossier, a_procedure

LEASE = timedelta(seconds=30)
UNIT = "Bộ phận hộ tịch"
DAYS = ("260225", "260226", "260227")
ADDRESS = "203.0.113.{}"
ELSEWHERE = "H53.08-260110-0117"


def codes(days: Iterable[str] = DAYS, most: int = 40) -> Iterator[str]:
    return (f"H39.21-{day}-{number:04d}" for day in days for number in range(1, most + 1))


class Silence:
    """No dialogue, no photos."""

    def respond(self, *_: Any) -> Turn:
        raise DialogueUnavailable("none")

    def look(self, _: Any) -> PhotoReading:
        return PhotoReading((), False, 1, 1)


@dataclass
class Target:
    """A desk with its API, and what an attacker got out of it."""

    parts: Parts
    turn: Callable[..., Turn]
    app: Any = None
    leaked: set[str] = field(default_factory=set)
    asked: int = 0
    sessions: dict[tuple[str, int], Talker] = field(default_factory=dict)

    def ask(self, code: str, address: str, session: int = 0) -> str:
        """Send a code in a session from an address; return what was answered."""
        headers = {"X-Forwarded-For": address}
        key = (address, session)
        if key not in self.sessions:
            client = self.app.test_client()
            opened = client.post("/chat/api/sessions", headers=headers).get_json()
            self.sessions[key] = Talker(self.app, opened["session"])
        body = {"text": code, "client_id": f"m{self.asked}"}
        posted = self.sessions[key].post(json=body, headers=headers)
        assert posted.status_code == 202
        return self._answered(code)

    def _answered(self, code: str) -> str:
        self.asked += 1
        now = self.parts.clock()
        (claimed,) = self.parts.store.journal.claim(now, "worker", 5, LEASE)
        turn = self.turn(claimed, now)
        self.parts.store.journal.settle(claimed, turn, now)
        said = "\n".join(reply.text for reply in turn.replies)
        if "đang được giải quyết" in said and code in said:
            self.leaked.add(code)
        return said

    @property
    def figures(self) -> Any:
        return self.parts.store.lookups.figures(self.parts.clock())


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    parts = some_parts(tmp_path, chat_rate="100000/minute", session_rate="100000/minute",
                       secret_key="only-for-tests")  # fmt: skip
    yield a_target(parts, [a_dossier(code=code, as_of=NOW) for code in (*codes(), ELSEWHERE)])
    parts.store.close()


def a_target(parts: Parts, dossiers: Iterable[Dossier]) -> Target:
    sources = [FakeSource(*dossiers)]
    proofs = build_proofs(parts.settings, parts.store, sources)
    gate = build_gate(parts.settings, parts.store, sources, proofs)
    catalogue = FakeCatalogue(a_procedure())  # type: ignore[arg-type]
    answers = DossierAnswers(sources, catalogue, WORDING, ZONE, gate=gate)
    desk = Desk(
        {
            "action_lookup_dossier": answers.lookup,
            "action_no_dialogue": lambda ask: Answer(WORDING.replies("talk/no_dialogue")),
        },
        parts.clock,
    )
    silence = Silence()
    conversation = Conversation(desk, silence, silence, read_acts(), WORDING)
    return Target(parts, conversation.turn, web_app(parts))


def told(target: Target, attack: str) -> None:
    """Print the figures of docs/benchmarks.md."""
    print(  # noqa: T201
        f"{attack}: {target.asked} asked, {len(target.leaked)} public answers, "
        f"wrong codes {target.figures.wrong}, alarms {dict(target.figures.alarms)}"
    )


def test_one_session_walking_through_known_codes_is_stopped(target: Target) -> None:
    for code in codes():
        target.ask(code, ADDRESS.format(1))
    told(target, "one session, every code exists")

    assert len(target.leaked) <= 9  # the first costs a quarter


def test_many_sessions_from_one_address_share_one_budget_and_raise_the_alarm(
    target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    for number, code in enumerate(codes()):
        target.ask(code, ADDRESS.format(1), session=number)
    told(target, "a session for every code, one address, every code exists")

    assert len(target.leaked) <= 12
    assert caplog.text.count("event=lookup_alarm") == 1
    metrics = target.app.test_client().get("/metrics").get_data(as_text=True)
    assert 'motcua_lookup_alarms_total{scope="province"} 1.0' in metrics
    assert ELSEWHERE in target.ask(ELSEWHERE, ADDRESS.format(2))  # others go on
    assert ELSEWHERE in target.leaked


def test_jumping_about_to_hide_the_walk_uses_up_the_addresss_budget(
    target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(120):
        target.ask(f"H39.{number % 90 + 10}-260226-{number * 97:04d}", ADDRESS.format(1), number)
    told(target, "a session for every code, one address, unknown codes all over the place")

    assert target.figures.wrong == 30
    assert caplog.text.count("event=lookup_alarm scope=address") == 1


def test_walking_where_most_codes_do_not_exist_is_stopped_sooner(target: Target) -> None:
    for number, code in enumerate(codes(days=("260301", "260302", "260225"), most=20)):
        target.ask(code, ADDRESS.format(1), session=number)
    told(target, "a session for every code, one address, two of three days are empty")

    assert target.leaked == set()


def test_a_walk_from_many_addresses_shows_in_the_numbers_and_slows_everybody_down(
    target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    addresses = 25
    for number, code in enumerate(codes(days=("260301", *DAYS))):
        target.ask(code, ADDRESS.format(number % addresses), session=number)
    told(target, f"a session for every code, {addresses} addresses")

    assert caplog.text.count("event=lookup_alarm scope=province") == 1
    assert target.figures.alarm
    assert len(target.leaked) <= 30
    metrics = target.app.test_client().get("/metrics").get_data(as_text=True)
    assert "motcua_lookup_alarm 1.0" in metrics


def test_what_leaks_is_the_public_answer_only(target: Target) -> None:
    said = [target.ask(code, ADDRESS.format(1), session=n) for n, code in enumerate(codes())]

    assert target.leaked
    assert not any(UNIT in text for text in said)


def test_waiting_an_hour_opens_no_more_than_another_budget(target: Target) -> None:
    walk = codes()
    for hour in range(3):
        target.parts.now = NOW + timedelta(minutes=61 * hour)
        for _ in range(20):
            target.ask(next(walk), ADDRESS.format(1))
    told(target, "one session for three hours, every code exists")

    assert len(target.leaked) <= 3 * 9


def test_erasing_oneself_opens_no_new_budget_at_the_address(target: Target) -> None:
    for number, code in enumerate(codes(most=40)):
        target.ask(code, ADDRESS.format(1), session=number)
    leaked = len(target.leaked)
    for talker in list(target.sessions.values())[:5]:
        citizen = target.parts.store.citizens.find("web", _hash(talker.token))
        assert citizen is not None
        target.parts.store.privacy.erase(citizen.id, target.parts.clock())

    for number, code in enumerate(codes(days=(DAYS[2],))):
        target.ask(code, ADDRESS.format(1), session=1000 + number)
    assert len(target.leaked) == leaked


def test_a_citizen_with_a_few_dossiers_and_a_few_slips_of_the_finger_notices_nothing(
    target: Target,
) -> None:
    family = ["H39.21-260225-0017", "H39.21-260225-0018", "H39.21-260227-0040"]
    for code in (*family, "H39.21-260291-0017", "H39.12-260225-0017", "H39.12-260225-0017",
                 *family, "H39.21-260226-0031"):  # fmt: skip
        assert "tạm ngưng" not in target.ask(code, ADDRESS.format(9))

    assert {*family, "H39.21-260226-0031"} <= target.leaked


def test_a_slip_page_and_the_chat_share_the_budget_of_an_address(target: Target) -> None:
    from bot.wiring.lookups import build_address_guard

    pages = build_address_guard(target.parts.settings, target.parts.store)
    now, address = target.parts.clock(), ADDRESS.format(1)
    for code in codes(days=("260301",), most=60):
        if pages.allowed(address, now):
            pages.note(address, DossierCode(code), now, wrong=True)

    assert "tạm ngưng" in target.ask(next(codes()), address)


def _hash(token: str) -> str:
    from bot.web.sessions import hash_of

    return hash_of(token)


def test_the_attack_needs_addresses_of_its_own(target: Target) -> None:
    """Without a proxy that names the client everybody is this machine: no shared budget."""
    parts = replace(target.parts)

    assert parts.origin_of("127.0.0.1", NOW) == ""
    assert parts.origin_of(ADDRESS.format(1), NOW) != parts.origin_of(ADDRESS.format(2), NOW)
    assert parts.origin_of(ADDRESS.format(1), NOW) != parts.origin_of(
        ADDRESS.format(1), NOW + timedelta(days=1)
    )
