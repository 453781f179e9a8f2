"""Nothing a citizen writes is in any log line of Rasa, whatever the logging is set to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.nlu.model import Folders, latest_model

ROOT = Path(__file__).parent.parent.parent
SAID = "em tên là Phan Tường Lam, cccd 080197004521, gọi 0918273645 hỏi phí khai sinh"
PLANTED = ("Tường", "080197004521", "0918273645", "khai sinh", "\\u01b0", "tuong lam")
# The log level of the process is set after loading, as some debugging operator might.
PROGRAM = """
import logging, sys, pathlib
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from bot.core.desk import Answer, Desk
from bot.core.errors import DeskError
from bot.core.messages import Reply
from bot.dialogue.embedded import EmbeddedDialogue
import datetime

def answer(ask):
    if "fails" in ask.context.get("field", ""):
        raise RuntimeError(ask.text)
    return Answer((Reply("ok"),))

class All(dict):
    def get(self, name, default=None):
        return answer
    def __getitem__(self, name):
        return answer
    def __contains__(self, name):
        return True

desk = Desk(All(), lambda: datetime.datetime.now(datetime.timezone.utc))
dialogue = EmbeddedDialogue(pathlib.Path(sys.argv[1]), desk=desk)
logging.getLogger("motcua").warning("logging works")
for context in ({}, {"field": "fails"}):
    said = sys.argv[2]
    for text in (said, "/" + said, '/lookup_dossier{"dossier_code": "' + said + '"}'):
        try:
            dialogue.respond(7, text, context)
        except DeskError as error:
            print("refused", type(error).__name__, error, file=sys.stderr)
dialogue.close()
import os; sys.stderr.flush(); os._exit(0)
"""


@pytest.mark.slow
def test_rasa_logs_no_word_of_a_citizen_at_any_level() -> None:
    model = latest_model(Folders())
    if model is None:
        pytest.skip("no model: run `make train`")
    loud = dict.fromkeys(("LOG_LEVEL", "LOG_LEVEL_LIBRARIES", "LOG_LEVEL_RASA"), "DEBUG")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(model), SAID],
        cwd=ROOT, env={**os.environ, **loud, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    said = (done.stdout + done.stderr).lower()

    assert done.returncode == 0, done.stderr[-2000:]
    assert "logging works" in said
    assert not [word for word in PLANTED if word.lower() in said]
