"""The process that opens strangers' PDFs: ``python -m bot.pdf.helper``, one file at stdin.

Before the file stands one line of JSON: the time, and the folder of trusted roots ("": none).
It has little memory and time, cannot write a file, sees no setting of the desk, asks nobody on
the network, and answers with one line of JSON.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import sys
from datetime import datetime
from pathlib import Path

from bot.core.documents.signature import Signature, Verdict
from bot.core.notices.files import MOST_DOCUMENT

MEMORY = 1024 * 1024 * 1024  # bytes of address space
SECONDS = 25  # of a processor


def main() -> None:
    """Look at one PDF."""
    _limit()
    now, trust = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read(MOST_DOCUMENT + 1)
    signature = _looked_at(data, datetime.fromisoformat(now), Path(trust) if trust else None)
    sys.stdout.write(json.dumps(signature.as_json()))


def _looked_at(data: bytes, now: datetime, trust: Path | None) -> Signature:
    # Imported under the limits, and nowhere else: it is large, and strangers' files meet it.
    from bot.pdf.signatures import look_at

    try:
        return look_at(data, now, trust)
    except (MemoryError, RecursionError):
        return Signature(Verdict.UNREADABLE, why="too_much")


def _limit() -> None:
    logging.disable(logging.CRITICAL)
    os.nice(10)  # citizens come first
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
