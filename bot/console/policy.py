"""Who may open what: one decorator, and a test that walks every route."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from werkzeug.exceptions import Forbidden

from bot.console.sessions import current_session, to_login
from bot.core.staff.roles import Role, may

View = TypeVar("View", bound=Callable[..., Any])


def needs(*roles: Role) -> Callable[[View], View]:
    """Let in who is logged in and has one of ``roles``; ``needs(*Role)`` is all staff.

    The roles are read from the store with every request: what is taken away is gone at once.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Any:
            session = current_session()
            if session is None:
                return to_login()
            if not may(session.staff.roles, roles):
                raise Forbidden
            return view(*arguments, **named)

        guarded.needs = frozenset(roles)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def open_to_all(view: View) -> View:
    """Mark what must work without a login; the policy test knows each by name."""
    view.needs = None  # type: ignore[attr-defined]
    return view
