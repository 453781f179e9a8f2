"""Docs that cannot drift: settings, commands, make targets and links are what they say."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from bot.core.conversation.intents import ANSWERS
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
DOCS = [ROOT / "README.md", ROOT / "README.vi.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("item", fields(Settings), ids=lambda item: str(item.name))
def test_every_setting_is_documented_with_its_default_and_help(item: object) -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    name = f"{PREFIX}{item.name.upper()}"  # type: ignore[attr-defined]

    row = next((line for line in text.splitlines() if f"`{name}`" in line), "")
    assert item.metadata["help"] in row  # type: ignore[attr-defined]
    default = item.default  # type: ignore[attr-defined]
    shown = ("yes" if default else "no") if isinstance(default, bool) else str(default)
    assert f"`{shown}`" in row or not shown


def test_every_make_target_of_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        name
        for path in DOCS
        for name in re.findall(r"`make ([a-z-]+)", path.read_text(encoding="utf-8"))
    }

    assert named <= targets


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:|/)([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_every_named_path_of_the_architecture_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:bot|actions|data|tests|docs)/[\w/.-]+)`", text):
        assert (ROOT / name).exists(), name


def test_every_pointer_intent_has_its_words() -> None:
    for intent, answer in ANSWERS.items():
        if answer == "action_point_the_way":
            assert (ROOT / "bot" / "wording" / "pointers" / f"{intent}.vi.j2").is_file(), intent
