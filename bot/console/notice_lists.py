"""Lists of citizens brought along in the editor: looked at first, kept when a person says so."""

from __future__ import annotations

import base64
import binascii
import csv
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from itertools import accumulate

from flask import request

from bot.console.notice_desk import hand
from bot.console.notice_parts import notice_parts
from bot.console.notice_words import notice_words
from bot.console.parts import parts
from bot.console.sessions import me
from bot.core.notices.files import DIGEST
from bot.core.notices.notice import Notice
from bot.core.notices.uploads import MOST_ROWS, IdList, ListReport, read_ids
from bot.core.vietnamese import fold

MOST_BYTES = 10 * 2**20
SHOWN = 50  # bad rows named one by one
_BETWEEN = (",", ";", "\t")


class ListRefused(Exception):
    """A file that is no list; ``code`` names the sentence that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Listed:
    """The list of a form: ``digest`` of the one in use with its ``size``, None if it is gone.

    With a ``report`` another one waits for a decision: ``waiting`` has its ids, packed.
    """

    digest: str = ""
    size: int | None = None
    report: ListReport | None = None
    waiting: str = ""
    wrong: str = ""

    @classmethod
    def of(cls, digest: str, wrong: str = "") -> Listed:
        """Return the list of a notice."""
        return cls(digest, notice_parts().store.lists.size(digest), wrong=wrong)


def listed(before: Notice | None) -> Listed:
    """Return the list the form means; one that nobody has decided on yet is only reported."""
    digest = _chosen(before.audience.uploaded if before else "")
    try:
        ids = _given()
    except ListRefused as error:
        return Listed.of(digest, error.code)
    if ids is None:
        return Listed.of(digest) if digest else Listed()
    lists = notice_parts().store.lists
    report = lists.report(ids)
    if request.form.get("use_list") and report.known:
        kept = lists.keep(ids, me().id, parts().clock())
        _note(kept)
        return Listed(kept.digest, kept.known)
    return Listed(digest, None, report, packed(ids))


def read_list(data: bytes) -> IdList:
    """Read a file with one citizen's number a line, or a table with a column of numbers.

    Lines keep their numbers. Raises ListRefused: ``unreadable``, ``no_column``, ``too_many``,
    ``empty``.
    """
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        found = read_ids(_cells(text))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ListRefused("unreadable") from error
    except ValueError as error:
        raise ListRefused("too_many") from error
    if not found.ids and not found.bad:
        raise ListRefused("empty")
    return found


def packed(ids: IdList) -> str:
    """Return the ids of a list as a short field of a form: a million lines would choke it.

    >>> unpacked(packed(read_ids(["5", "7", "1000"]))).ids
    (5, 7, 1000)
    """
    steps = (later - earlier for earlier, later in zip((0, *ids.ids), ids.ids))  # noqa: B905
    return base64.b64encode(zlib.compress(" ".join(map(str, steps)).encode())).decode()


def unpacked(text: str) -> IdList:
    """Read what ``packed`` wrote, or what somebody made up. Raises ListRefused."""
    try:
        unpacking = zlib.decompressobj()
        steps = unpacking.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
        # Before anything is made of them: a few KB can hold millions of steps.
        if not unpacking.eof or steps.count(b" ") >= MOST_ROWS:
            raise ListRefused("too_many")
        return read_ids(map(str, accumulate(map(int, steps.split()))))
    except (binascii.Error, zlib.error) as error:
        raise ListRefused("unreadable") from error
    except ValueError as error:
        raise ListRefused("too_many") from error


def _chosen(had: str) -> str:
    digest = request.form.get("uploaded", had)
    if request.form.get("list_remove") or not digest:
        return ""
    return digest if DIGEST.fullmatch(digest) else ""


def _given() -> IdList | None:
    """Return the list that was sent along, None if there is none."""
    if request.form.get("drop_list"):
        return None
    upload = request.files.get("list_file")
    if upload is not None:
        with closing(upload):
            data = upload.stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ListRefused("too_large")
        if data:
            return read_list(data)
    waiting = request.form.get("list_ids", "")
    return unpacked(waiting) if waiting else None


def _cells(text: str) -> Iterator[str]:
    """Yield what stands for a number in each line; "" for a line inside a quoted cell."""
    first = text.partition("\n")[0]
    between = next((mark for mark in _BETWEEN if mark in first), None)
    if between is None:
        yield from text.splitlines()
        return
    rows = csv.reader(StringIO(text), delimiter=between)
    column, at = _column(next(rows)), 1
    yield "id"
    for row in rows:
        yield from [""] * (rows.line_num - at - 1)
        at = rows.line_num
        yield row[column] if column < len(row) else ""


def _column(heading: list[str]) -> int:
    known = {fold(name) for name in notice_words()["lists"]["columns"]}
    found = [at for at, name in enumerate(heading) if fold(name.strip()) in known]
    if len(found) != 1:
        raise ListRefused("no_column")
    return found[0]


def _note(report: ListReport) -> None:
    subject, detail = f"list:{report.digest[:16]}", {"count": report.known}
    parts().store.audit.append(hand().actor, "list_kept", subject, detail, parts().clock())
