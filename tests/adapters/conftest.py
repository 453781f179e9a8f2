"""A console with notices, an author and an approver, for whoever has no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.staff.roles import Role
from tests.adapters.console_parts import Browser
from tests.adapters.notice_pages import Pages


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Pages]:
    made = Pages(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def lan(console: Pages) -> Browser:
    return console.logged_in("lan", [Role.AUTHOR])


@pytest.fixture
def minh(console: Pages) -> Browser:
    return console.logged_in("minh", [Role.APPROVER])
