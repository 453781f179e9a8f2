"""Twenty invented citizens, in every state a person can be in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.simulator.clock import DAY, HOUR
from tests.simulator.person import Person
from tests.simulator.world import World

CITIZENS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "citizens.json").read_text(encoding="utf-8")
)
FOLLOWING = ("follows", "blocked", "inactive")


def name_them(world: World) -> list[Person]:
    """Return the twenty; those nobody spoke of yet get their names and phones."""
    found = []
    for number, row in enumerate(CITIZENS, start=1):
        person = world.person(row["id"])
        person.name, person.place = row["name"], row["place"]
        person.phone = f"849000000{number:02d}"
        person.is_sensitive = row["state"] == "minor"
        found.append(person)
    return found


def stage(world: World) -> None:
    """Put them into their states, as the page shows them at its start."""
    now = world.clock.now()
    for person, row in zip(name_them(world), CITIZENS, strict=True):
        if "hours" in row:
            person.interact(now - row["hours"] * HOUR, writes=True)
        person.follows = row["state"] in FOLLOWING
        person.blocked = row["state"] == "blocked"
        if row["state"] == "inactive":
            person.seen_at = now - 60 * DAY
