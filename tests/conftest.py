"""Switches for what only runs when asked, and the shared running desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk_process import RunningDesk, bot_environ, free_port, running_desk, zalo_environ
from tests.simulator import Simulator

_ON_REQUEST = ("browser", "faults")


def pytest_addoption(parser: pytest.Parser) -> None:
    for name in _ON_REQUEST:
        parser.addoption(f"--{name}", action="store_true", help=f"run tests/{name} too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for name in _ON_REQUEST:
        if config.getoption(f"--{name}"):
            continue
        for item in items:
            if (here / name) in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=f"only with --{name} (make {name})"))


@pytest.fixture(scope="session")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningDesk, Simulator]]:
    """A ready desk (web, worker, demo province, trained model) joined to a simulated platform."""
    port = free_port()
    with Simulator(f"http://127.0.0.1:{port}/webhooks/zalo") as simulator:
        folder = tmp_path_factory.mktemp("desk")
        settings = {**zalo_environ(simulator), **bot_environ(simulator)}
        with running_desk(folder, settings, port) as running:
            yield running, simulator


@pytest.fixture(scope="session")
def desk(joined: tuple[RunningDesk, Simulator]) -> RunningDesk:
    """The ready desk alone."""
    return joined[0]


@pytest.fixture(scope="session")
def zalo(joined: tuple[RunningDesk, Simulator]) -> Simulator:
    """The platform the ready desk is joined to."""
    return joined[1]
