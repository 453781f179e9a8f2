"""What the simulated platform knows: the account, people, messages, and its log."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.simulator.account import Account, Standing
from tests.simulator.bot import Bot
from tests.simulator.call import Call
from tests.simulator.clock import HOUR, Clock
from tests.simulator.faults import Faults
from tests.simulator.outbox import Outbox, Sent
from tests.simulator.person import Person
from tests.simulator.rate import Rate
from tests.simulator.reading import words
from tests.simulator.recording import Recording
from tests.simulator.rules import Rulebook
from tests.simulator.rules.access import ACCESS_RULES
from tests.simulator.rules.message import SHAPE_RULES
from tests.simulator.rules.sending import SENDING_RULES
from tests.simulator.shelves import Articles, Media, Uploads
from tests.simulator.templates_zbs import Templates
from tests.simulator.tokens import Tokens
from tests.simulator.windows import Purse, charge

__all__ = ["Account", "Message", "Sent", "World"]

MESSAGE_RULES = (*ACCESS_RULES, *SHAPE_RULES, *SENDING_RULES)
TALK_KEPT = 300
CROWD = "25{:017d}"


@dataclass
class Message:
    """A message in either direction, by its id."""

    user_id: str
    at: float
    answers: int = 0
    reactions: int = 0


class World:
    """One account's state, behind one lock; ``changed`` is told about every sent message.

    Another account ``beside`` it has people, tokens and money of its own, and shares what belongs
    to the app or to the program: clock, rules, log, call rate, faults, media.
    """

    def __init__(
        self,
        account: Account,
        log_path: Path | None = None,
        rules_off: Iterable[str] = (),
        beside: World | None = None,
    ) -> None:
        self.account = account
        self.standing = Standing()
        self.clock = beside.clock if beside else Clock()
        self.rulebook = beside.rulebook if beside else Rulebook(rules_off)
        self.recording = beside.recording if beside else Recording(self.clock, log_path)
        self.rate = beside.rate if beside else Rate(self.clock)
        self.bot_rate = beside.bot_rate if beside else Rate(self.clock)
        self.tokens = Tokens(
            account.app_id,
            account.app_secret,
            account.first_refresh_token,
            self.clock,
            self.rulebook,
        )
        self.faults = beside.faults if beside else Faults()
        self.purse = Purse()
        self.sent = Outbox()
        self.messages: dict[str, Message] = {}
        self.visitors: dict[str, str] = {}
        self.uploads, self.articles = Uploads(self.clock), Articles(self.clock)
        self.media = beside.media if beside else Media(self.clock)
        self.templates = Templates()
        self.bot = beside.bot if beside else Bot(account.bot_token, self.clock)
        self.changed = threading.Condition()
        self._people: dict[str, Person] = {}
        self._talk: defaultdict[str, deque[dict[str, Any]]] = defaultdict(
            lambda: deque(maxlen=TALK_KEPT)
        )

    # People

    def person(self, user_id: str) -> Person:
        """Return the person, who is new if nobody spoke of them before."""
        with self.changed:
            found = self._people.get(user_id)
            if found is None:
                found = self._people[user_id] = Person(user_id)
            return found

    def knows(self, user_id: str) -> bool:
        """Tell whether this person ever had to do with the account."""
        person = self._people.get(user_id)
        return person is not None and (person.follows or person.interacted_at is not None)

    def people(self) -> list[Person]:
        """Return everybody ever spoken of."""
        with self.changed:
            return list(self._people.values())

    def followers(self) -> int:
        """Return how many follow the account."""
        return sum(person.follows for person in self.people())

    def populate(self, count: int, interacted_ago: float = HOUR) -> Iterator[str]:
        """Add ``count`` followers and yield their ids, which are the same in every run."""
        at = self.clock.now() - interacted_ago
        for number in range(1, count + 1):
            user_id = CROWD.format(number)
            person = self.person(user_id)
            person.follows, person.interacted_at = True, at
            yield user_id

    def talk(self, user_id: str) -> list[dict[str, Any]]:
        """Return the newest lines of one person's chat."""
        with self.changed:
            return list(self._talk.get(user_id, ()))

    def write_down(self, user_id: str, line: dict[str, Any]) -> None:
        """Add a line to a person's chat."""
        with self.changed:
            self._talk[user_id].append({"at": self.clock.now(), **line})
            self.changed.notify_all()

    # Messages

    def take(self, call: Call) -> tuple[dict[str, Any], Sent | None]:
        """Check a message in the platform's order; return the answer's body and what was kept."""
        with self.changed:
            refusal = self.rulebook.first_broken(MESSAGE_RULES, call)
            if refusal:
                return {"error": refusal[0], "message": refusal[1]}, None
            quota = charge(call.person, self.purse, self.clock.now())
            sent = self.keep(call.user_id, call.message)
            answered = self.messages.get(words(call.recipient.get("message_id")))
            if answered:
                answered.answers += 1
        data = {
            "message_id": sent.message_id,
            "user_id": sent.user_id,
            "sent_time": str(int(sent.at * 1000)),
        }
        if quota:
            data["quota"] = quota  # type: ignore[assignment]
        return {"error": 0, "message": "Success", "data": data}, sent

    def keep(self, user_id: str, message: dict[str, Any]) -> Sent:
        """Keep a message to a person and tell those who wait for it."""
        with self.changed:
            sent = Sent.from_message(user_id, message, self.clock.now())
            self.sent.append(sent)
            self.messages[sent.message_id] = Message(user_id, sent.at)
            self.person(user_id).unread += 1
            self.write_down(user_id, sent.as_line())
        return sent
