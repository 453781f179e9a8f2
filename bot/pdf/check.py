"""Has the signatures of a PDF looked at by a process that may crash, hang or be killed."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import bot
from bot.core.documents.signature import Signature, Verdict
from bot.core.notices.files import MOST_DOCUMENT

PATIENCE = 30.0  # seconds one document may take, the start of the process included
_FOLDER = Path(bot.__file__).parents[1]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PdfSignatures:
    """Looks at signatures; ``trust`` is a folder of root certificates (PEM or DER), or None."""

    trust: Path | None = None
    patience: float = PATIENCE

    def __call__(self, data: bytes, now: datetime) -> Signature:
        """Return what the signatures of ``data`` are worth at ``now``; never raises for it.

        Nothing is fetched: neither lists of revoked certificates nor missing ones.
        """
        if not data.startswith(b"%PDF-"):
            return _unreadable("not_pdf")
        if len(data) > MOST_DOCUMENT:
            return _unreadable("too_large")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "bot.pdf.helper"],
                input=self._heading(now) + data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_FOLDER,
                env={name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
                timeout=self.patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return _unreadable("too_long")
        try:
            return Signature.from_json(json.loads(done.stdout))
        except (ValueError, KeyError, TypeError):
            log.warning("event=document_check_broke status=%d", done.returncode)
            return _unreadable("too_much" if done.returncode < 0 else "broken")

    def _heading(self, now: datetime) -> bytes:
        trust = str(self.trust.resolve()) if self.trust else ""
        return json.dumps([now.isoformat(), trust]).encode() + b"\n"


def _unreadable(why: str) -> Signature:
    return Signature(Verdict.UNREADABLE, whole=True, why=why)
