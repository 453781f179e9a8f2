"""The budget of wrong codes and the proofs of owners: one truth for all processes, and short."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import count

import pytest

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.guard import Guard, Limits, Marks, Scope, Who
from bot.core.dossiers.proof import MOST_BY_ALL, MOST_BY_CITIZEN
from tests.contract.store_builders import NOW, a_message, claim_one, later, talk

LIMITS = Limits(citizen=4, address=6, province=10)
MARKS = Marks("secret")
_numbers = count(1)


def code(number: int, day: str = "261102") -> DossierCode:
    return DossierCode(f"H39.21-{day}-{number:04d}")


def scattered(number: int) -> DossierCode:
    """Codes that no running sequence connects."""
    return DossierCode(f"H39.{number % 90 + 10}-261102-{number * 97 % 10_000:04d}")


def a_citizen(store, sender="lan", origin=""):
    """Return a citizen whose message is being answered."""
    number = next(_numbers)
    store.journal.receive([a_message(number, sender, channel="web", origin=origin)], NOW)
    return claim_one(store).citizen.id


def tried(store, citizen, codes, wrong=True, now=NOW, limits=LIMITS):
    """Return which of the codes may be answered."""
    guard = Guard(store.lookups, limits, MARKS)
    return [guard.count(Who(citizen), each, now, wrong=wrong) for each in codes]


def test_a_citizen_may_try_so_many_wrong_codes_and_no_more(store):
    citizen = a_citizen(store)

    answered = tried(store, citizen, map(scattered, range(9)))

    assert answered == [True] * 4 + [False] * 5
    assert Guard(store.lookups, LIMITS, MARKS).is_closed(Who(citizen), NOW)


def test_the_same_wrong_code_again_costs_nothing(store):
    citizen = a_citizen(store)

    assert all(tried(store, citizen, [scattered(1)] * 20))


def test_walking_through_running_numbers_costs_twice(store):
    citizen = a_citizen(store)

    assert tried(store, citizen, map(code, range(1, 8))).count(True) == 3  # 1 + 2 + 2


def test_known_codes_cost_little_unless_they_are_walked_through(store):
    one, other = a_citizen(store, "one"), a_citizen(store, "other")

    assert all(tried(store, one, map(scattered, range(15)), wrong=False))
    assert tried(store, other, map(code, range(1, 30)), wrong=False).count(True) == 5


def test_the_budget_comes_back_with_time(store):
    citizen = a_citizen(store)
    tried(store, citizen, map(scattered, range(9)))

    assert tried(store, citizen, [scattered(50)], now=later(minutes=59)) == [False]
    assert tried(store, citizen, [scattered(51)], now=later(minutes=61)) == [True]


def test_sessions_of_one_address_share_its_budget_and_it_is_told(store):
    answered = []
    for number in range(12):
        citizen = a_citizen(store, f"session-{number}", origin="house")
        answered += tried(store, citizen, [scattered(number)])
    elsewhere = a_citizen(store, "neighbour", origin="other house")

    assert answered == [True] * 6 + [False] * 6
    assert tried(store, elsewhere, [scattered(99)]) == [True]
    assert store.lookups.figures(NOW).alarms == (("address", 1),)


def test_walking_is_seen_across_the_sessions_of_an_address(store):
    answered = []
    for number in range(1, 12):
        citizen = a_citizen(store, f"session-{number}", origin="house")
        answered += tried(store, citizen, [code(number)])

    assert answered.count(True) == 4  # 1 + 2 + 2 + 2 of six


def test_the_province_raises_one_alarm_and_slows_down_until_it_is_over(store, caplog):
    for number in range(10):
        tried(store, a_citizen(store, f"c{number}", origin=f"a{number}"), [scattered(number)])
    late = a_citizen(store, "late", origin="somewhere")

    figures = store.lookups.figures(NOW)
    assert (figures.wrong, figures.alarm, figures.alarms) == (10, True, (("province", 1),))
    assert caplog.text.count("event=lookup_alarm scope=province wrong_codes=10") == 1
    assert tried(store, late, [scattered(70), scattered(71)]) == [True, False]
    assert tried(store, late, [scattered(71)], now=later(minutes=11)) == [True]
    assert not store.lookups.figures(later(minutes=11)).alarm


def test_a_walk_by_many_shows_in_the_numbers_and_ones_own_tries_are_answered_again(store):
    answered, people = [], []
    for number in range(1, 20):
        people.append(a_citizen(store, f"c{number}", origin=f"a{number}"))
        answered += tried(store, people[-1], [code(number)], wrong=False)

    assert answered == [True] * 12 + [False] * 7
    assert store.lookups.figures(NOW).alarms == (("province", 1),)
    assert tried(store, people[3], [code(4)], wrong=False) == [True]
    far = a_citizen(store, "far", origin="far")
    assert tried(store, far, [code(400), code(1, "261103")], wrong=False) == [True, True]


def test_one_popular_wrong_code_is_no_alarm(store):
    for number in range(20):
        tried(store, a_citizen(store, f"c{number}"), [scattered(1)])

    assert store.lookups.figures(NOW).wrong == 1


def test_processes_share_the_budget_to_the_last_try(store, open_again):
    citizen = a_citizen(store)
    answered, stores = [], [store, open_again(), open_again()]

    def walk(each, first):
        answered.extend(tried(each, citizen, map(scattered, range(first, first + 8))))

    threads = [threading.Thread(target=walk, args=[s, 100 * n]) for n, s in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answered.count(True) == LIMITS.citizen


def test_a_restart_forgets_no_try(store, open_again):
    citizen = a_citizen(store)
    tried(store, citizen, map(scattered, range(4)))
    store.close()

    assert tried(open_again(), citizen, [scattered(9)]) == [False]


def test_no_code_and_no_address_stands_in_the_tables(store, store_url, tmp_path):
    tried(store, a_citizen(store, origin="f00d"), [code(1)])

    if store_url.startswith("sqlite"):
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("motcua.db*"))
        assert code(1).key.encode() not in kept
        assert code(1).value.encode() not in kept


def test_tries_go_after_an_hour_and_lose_their_citizen_with_the_citizen(store):
    citizen = a_citizen(store, origin="house")
    tried(store, citizen, [scattered(1)])
    assert [row["wrong"] for row in store.privacy.export(citizen)["lookup_tries"]] == [True]

    store.privacy.erase(citizen, NOW)
    assert len(store.lookups.past(Who(origin="house"), NOW).address) == 1  # still counts there

    store.privacy.purge(later(hours=1))
    assert store.lookups.past(Who(origin="house"), NOW).address == ()


def test_where_a_message_came_from_is_forgotten_with_its_words(store):
    citizen = a_citizen(store, origin="house")
    assert store.privacy.export(citizen)["messages"][0]["origin"] == "house"

    talk(store, "dạ", sender="minh", origin="house")
    minh = store.citizens.find("zalo", "minh").id
    store.privacy.purge(later(hours=25))
    assert "origin" not in store.privacy.export(minh)["messages"][0]


PROVED = {"effect": "prove_dossier", "key": "k", "how": "known"}


def test_a_proof_holds_for_thirty_days_for_this_citizen_only(store):
    lan = talk(store, "dạ", sender="lan", effects=[PROVED]).id
    minh = talk(store, "dạ", sender="minh").id

    assert store.proofs.owns(lan, "k", later(days=29))
    assert store.proofs.keys_of(lan, NOW) == {"k"}
    assert not store.proofs.owns(minh, "k", NOW)
    assert not store.proofs.owns(lan, "k", later(days=30))


def test_a_second_proof_lasts_from_then_on(store):
    talk(store, "dạ", effects=[PROVED])
    lan = talk(store, "dạ", number=2, effects=[PROVED], now=later(days=20)).id

    assert store.proofs.owns(lan, "k", later(days=45))


def test_what_slips_of_a_dossier_proved_ends_with_them(store):
    by_slip = {**PROVED, "how": "slip"}
    lan = talk(store, "dạ", sender="lan", effects=[by_slip, {**by_slip, "key": "other"}]).id
    minh = talk(store, "dạ", sender="minh", effects=[PROVED]).id

    assert store.proofs.end_slips("k") == 1
    assert store.proofs.keys_of(lan, NOW) == {"other"}
    assert store.proofs.owns(minh, "k", NOW)  # knows the phone on file
    assert store.proofs.end_slips("k") == 0


def test_the_words_of_a_proof_are_forgotten_with_the_turn(store):
    talk(store, "dạ", number=1, text="chào")
    lan = talk(store, "dạ", number=2, text="0641", effects=[{"effect": "forget_words"}],
               now=later(seconds=5)).id  # fmt: skip

    texts = [message.get("text") for message in store.privacy.export(lan)["messages"]]
    assert texts == ["chào", None]


def test_attempts_are_few_for_a_citizen_and_for_a_dossier(store):
    people = [talk(store, "dạ", sender=f"p{n}").id for n in range(6)]

    taken = [[store.proofs.begin_try(each, "k", NOW) for _ in range(5)] for each in people]

    granted = [sum(number is not None for number in numbers) for numbers in taken]
    assert granted == [MOST_BY_CITIZEN] * 3 + [MOST_BY_ALL - 3 * MOST_BY_CITIZEN, 0, 0]
    assert store.proofs.begin_try(people[0], "other", NOW) is not None
    assert store.proofs.begin_try(people[0], "k", later(days=1, seconds=1)) is not None


def test_what_is_left_says_how_many_attempts_will_be_counted(store):
    people = [talk(store, "dạ", sender=f"p{n}").id for n in range(5)]
    left = [store.proofs.tries_left(people[0], "k", NOW)]
    for _ in range(MOST_BY_CITIZEN):
        store.proofs.begin_try(people[0], "k", NOW)
        left.append(store.proofs.tries_left(people[0], "k", NOW))
    for each in people[1:] * MOST_BY_CITIZEN:
        store.proofs.begin_try(each, "k", NOW)

    assert left == [3, 2, 1, 0]
    assert store.proofs.tries_left(people[4], "k", NOW) == 0
    assert store.proofs.tries_left(people[0], "other", NOW) == MOST_BY_CITIZEN


def test_an_attempt_the_source_did_not_answer_does_not_count(store):
    lan = talk(store, "dạ").id

    for _ in range(9):
        store.proofs.undo_try(store.proofs.begin_try(lan, "k", NOW))

    assert store.proofs.begin_try(lan, "k", NOW) is not None


@pytest.mark.parametrize("erase", ["erase", "strip"])
def test_erasing_takes_proofs_along_but_not_the_dossiers_attempts(store, erase):
    lan = talk(store, "dạ", effects=[PROVED]).id
    for _ in range(MOST_BY_CITIZEN):
        store.proofs.begin_try(lan, "k", NOW)
    kept = store.privacy.export(lan)
    assert (len(kept["proofs"]), len(kept["proof_tries"])) == (1, 3)

    if erase == "erase":
        store.privacy.erase(lan, NOW)
    else:
        talk(store, "dạ", number=3, effects=[{"effect": "erase"}])

    assert not store.proofs.owns(lan, "k", NOW)
    minh = talk(store, "dạ", sender="minh").id
    others = [talk(store, "dạ", sender=f"p{n}").id for n in range(3)]
    granted = [store.proofs.begin_try(each, "k", NOW) for each in (minh, *others) * 3]
    assert sum(number is not None for number in granted) == MOST_BY_ALL - MOST_BY_CITIZEN


def test_proofs_and_attempts_go_in_time(store):
    lan = talk(store, "dạ", effects=[PROVED]).id
    store.proofs.begin_try(lan, "k", NOW)

    store.privacy.purge(NOW + timedelta(days=30))

    kept = store.privacy.export(lan)
    assert (kept["proofs"], kept["proof_tries"]) == ([], [])


def test_scopes_have_names_for_the_log():
    assert [scope.value for scope in Scope] == ["citizen", "address", "province"]
