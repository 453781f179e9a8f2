"""The simulator's strictness list: each rule refuses its example, and only while it is on.

``SIMULATOR_RULES_OFF=text-length pytest …`` runs any tests with a rule switched off.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator import Simulator, rules
from tests.simulator.bench import Bench
from tests.simulator.examples import EXAMPLES, outcome_of
from tests.simulator.rules import ALL, FAMILIES

ITS_OWN_CODE = {"account-in-order", "person-in-order"}


@pytest.fixture
def bench() -> Iterator[Bench]:
    zalo = Simulator()
    yield Bench(zalo)
    zalo.close()


def test_every_rule_has_one_example_and_one_name() -> None:
    assert set(EXAMPLES) == set(ALL)
    assert sum(len(rules) for rules in FAMILIES.values()) >= len(ALL)


def test_the_readme_names_every_rule_with_its_code() -> None:
    text = (Path(rules.__file__).parents[1] / "README.md").read_text(encoding="utf-8")

    missing = [name for name, rule in ALL.items() if f"`{name}` {rule.code}" not in text]
    assert not missing


def test_a_rule_that_does_not_exist_cannot_be_switched_off() -> None:
    with pytest.raises(ValueError, match="no such rule"):
        Simulator(rules_off=["kindness"])


@pytest.mark.parametrize("name", ALL)
def test_a_rule_refuses_its_example(bench: Bench, name: str) -> None:
    outcome = outcome_of(bench, name)

    assert outcome.rule == name
    assert outcome.code != 0
    if name not in ITS_OWN_CODE:
        assert outcome.code == ALL[name].code


@pytest.mark.parametrize("name", ALL)
def test_a_rule_that_is_off_refuses_nothing_and_breaks_nothing(bench: Bench, name: str) -> None:
    bench.zalo.rules.off.add(name)

    outcome = outcome_of(bench, name)

    assert outcome.rule != name
    assert outcome.status < 500
