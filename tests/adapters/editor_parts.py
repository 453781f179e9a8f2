"""The console's editor of notices as a test needs it: channels with limits, templates, files."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from bot.channels.zalo.messages import LIMITS as ZALO
from bot.channels.zalo_bot.channel import LIMITS as ZALO_BOT
from bot.console.notice_parts import EXTENSION, Display, NoticeParts
from bot.core.notices.templates import read_templates
from bot.core.plain import written_out
from bot.core.splitting import split_reply
from bot.wiring.desk import read_words
from tests.adapters.console_parts import Browser
from tests.adapters.notice_pages import FILLED, Pages

NEW = "/console/notices/new"
PREVIEW = "/console/notices/preview"
FACTS = {"desk": "Bàn một cửa", "hotline": "0272 000 1022", "portal": "https://dvc.gov.vn"}
SHOWN = {**FILLED, "audience_shown": "1", "followers": "1"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class EditorPages(Pages):
    """The pages of notices with every channel."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        known: NoticeParts = self.app.extensions[EXTENSION]
        displays = {
            "zalo": Display(lambda reply: split_reply(reply, ZALO), ZALO),
            "zalo_bot": Display(lambda reply: split_reply(written_out(reply), ZALO_BOT), ZALO_BOT),
        }
        self.app.extensions[EXTENSION] = replace(
            known,
            channels=("web", "zalo", "zalo_bot"),
            displays=displays,
            templates=lambda: read_templates(read_words("notices/templates"), FACTS, ["disaster"]),
        )


def send(browser: Browser, action: str = NEW, page: str = "", **fields: Any) -> Any:
    """Send the editor's form; a field may be a file as ``(name, bytes)``.

    As bytes: the client's own way leaves temporary files behind.
    """
    token = _TOKEN.search(browser.get(page or NEW).text)
    assert token
    values = {"csrf_token": token[1]}
    values |= {
        name: FileStorage(io.BytesIO(value[1]), value[0]) if isinstance(value, tuple) else value
        for name, value in fields.items()
    }
    boundary, body = encode_multipart(values)
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.client.post(action, data=body, content_type=kind)
