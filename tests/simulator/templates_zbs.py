"""Approved templates, and how often they may go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulator.clock import DAY

CUSTOM, OTP, PAYMENT = 1, 2, 3
TRANSACTION, CARE, PROMOTION = 1, 2, 3
ENABLED, PENDING, REJECTED, DISABLED = 1, 2, 3, 4
STATES = {ENABLED: "ENABLE", PENDING: "PENDING_REVIEW", REJECTED: "REJECT", DISABLED: "DISABLE"}
PRICE_BY_PHONE = 200
PROMOTIONS_PER_DAY, PROMOTIONS_PER_MONTH = 1, 4
MONTH = 30 * DAY


@dataclass
class Template:
    """A template; ``fields`` gives each parameter's greatest length."""

    template_id: str
    name: str
    tag: int = TRANSACTION
    kind: int = CUSTOM
    state: int = ENABLED
    fields: Mapping[str, int] = field(default_factory=lambda: {"name": 30, "code": 30})

    @property
    def by_user_id(self) -> bool:
        """Tell whether it may go to a user id, not only to a phone."""
        return self.kind not in (OTP,)

    def as_json(self) -> dict[str, Any]:
        """Return one row of the template list."""
        return {
            "templateId": self.template_id,
            "templateName": self.name,
            "status": STATES[self.state],
            "templateQuality": "HIGH",
            "templateTag": self.tag,
        }

    def as_info(self) -> dict[str, Any]:
        """Return the template's information."""
        listed = [
            {"name": name, "require": True, "type": "STRING", "maxLength": most, "minLength": 1}
            for name, most in self.fields.items()
        ]
        return {**self.as_json(), "listParams": listed, "price": str(PRICE_BY_PHONE)}


def examples() -> dict[str, Template]:
    """Return one template of each fate."""
    made = (
        Template("100001", "dossier_result"),
        Template("100002", "announcement", tag=PROMOTION),
        Template("100003", "otp", kind=OTP, fields={"otp": 6}),
        Template("100004", "waiting_for_review", state=PENDING),
        Template("100005", "low_quality", state=DISABLED),
    )
    return {template.template_id: template for template in made}


@dataclass
class Templates:
    """Templates, those who may test them, and the day's quota."""

    known: dict[str, Template] = field(default_factory=examples)
    admins: set[str] = field(default_factory=set)
    daily_limit: int = 500
    sent_today: int = 0
    day: int = 0
    night_rule: bool = True
    statuses: dict[str, int] = field(default_factory=dict)

    def remain(self, now: float) -> int:
        """Return how many may still be sent by phone today."""
        day = int(now // DAY)
        if day != self.day:
            self.day, self.sent_today = day, 0
        return self.daily_limit - self.sent_today
