"""Programs we did not write agree with the simulator: public clients, and a line of JavaScript.

The clients are no requirement of ours; they live in ``.venv-clients``, which ``make test`` makes.
``SIMULATOR_CLIENTS_PYTHON=…/bin/python`` names another interpreter that has them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator import Simulator
from tests.simulator.webhooks import SIGNATURE

OURS = Path(__file__).parents[2] / ".venv-clients" / "bin" / "python"
CLIENTS = Path(os.environ.get("SIMULATOR_CLIENTS_PYTHON", OURS))
PERSON = "2000000000000000001"


@pytest.fixture
def zalo() -> Iterator[Simulator]:
    with Simulator() as simulator:
        simulator.citizen_is_known(PERSON)
        simulator.world.person(PERSON).name = "Cô Sáu"
        yield simulator


def run(module: str, script: str, **given: Any) -> Any:
    """Run ``script`` where ``module`` is installed; return the JSON it prints last."""
    if not CLIENTS.is_file():
        pytest.skip(f"{module} is missing: where packages can be had, scripts/setup.sh clients")
    head = f"import json\ngiven = json.loads({json.dumps(json.dumps(given))})\n"
    done = subprocess.run(
        [CLIENTS, "-c", head + script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


# The client's token address is fixed, so its HTTP library is pointed elsewhere; and it needs a
# name its own package does not export.
ZALO_SDK = """
import importlib, requests
import zalo_sdk
Client = importlib.import_module("zalo_sdk.oa.Client").Client
m = importlib.import_module("zalo_sdk.oa.ZaloMessage")
zalo_sdk.oa.ZaloMessage = m.ZaloMessage
real = requests.post
def post(url, **more):
    return real(url.replace("https://oauth.zaloapp.com", given["url"]), **more)
requests.post = post
client = Client(given["app_id"], given["secret"], refresh_token=given["refresh"],
                endpoint_prefix=given["url"])
client.refresh_acccess_token()
to = m.ZaloRecipient(user_id=given["person"])
out = {}
out["sent"] = client.send_message(to, m.ZaloMessageBody(text="Chào"))["data"]
picture = client.upload_file(b"\\xff\\xd8\\xff\\xe0", "image", "a.jpg", "image/jpeg")["data"]
element = {"media_type": "image", "attachment_id": picture["attachment_id"]}
media = m.ZaloAttachment("template", {"template_type": "media", "elements": [element]})
out["picture"] = client.send_message(to, m.ZaloMessageBody(text="Ảnh", attachment=media))["data"]
out["detail"] = client.get_user_detail(given["person"])["data"]
out["list"] = client.get_list({"offset": 0, "count": 50})["data"]
out["quota"] = client.get_zalo_user_quotas(given["person"])["data"]
out["package"] = client.get_zalo_oa_quotas("OA", "cs", "sub_quota")["data"]
client.tag_follower(given["person"], "hoi ho so")
out["tags"] = client.get_tags_of_oa()["data"]
react = m.ZaloAction("/-heart", given["message_id"])
client.send_message(to, action=react, category="action")
try:
    client.send_message(to, m.ZaloMessageBody(text="a" * 2001))
except Exception as error:
    out["refused"] = str(error)
print(json.dumps(out))
"""


def test_zalo_sdk_refreshes_sends_uploads_and_reads(zalo: Simulator) -> None:
    message_id = zalo.citizen_says(PERSON, "xin chào").event["message"]["msg_id"]
    account = zalo.account

    told = run(
        "zalo_sdk",
        ZALO_SDK,
        url=zalo.url,
        app_id=account.app_id,
        secret=account.app_secret,
        refresh=account.first_refresh_token,
        person=PERSON,
        message_id=message_id,
    )

    text, picture = zalo.sent_to(PERSON)
    assert (told["sent"]["message_id"], text.text) == (text.message_id, "Chào")
    assert (told["picture"]["user_id"], picture.kind) == (PERSON, "image")
    assert told["detail"]["display_name"] == "Cô Sáu"
    assert told["list"]["users"] == [{"user_id": PERSON}]
    assert told["quota"]["promotion"]["daily_total"] == 1
    assert told["package"][0]["quota_type"] == "sub_quota"
    assert told["tags"] == ["hoi ho so"]
    assert zalo.world.messages[message_id].reactions == 1
    assert "-210" in told["refused"]


ZALO_BOT = """
import asyncio, zalo_bot
async def main():
    out = {}
    async with zalo_bot.Bot(given["token"], base_url=given["url"]) as bot:
        out["me"] = (await bot.get_me()).id
        update = await bot.get_update(timeout=5)
        chat = update.message.chat.id
        out["heard"], out["name"] = update.message.text, update.effective_user.display_name
        out["sent"] = (await bot.send_message(chat, "Chào")).message_id
        out["photo"] = (await bot.send_photo(chat, "Ảnh", "https://a.vn/a.png")).message_id
        out["webhook"] = await bot._set_webhook_async(given["url"] + "/hook", "s" * 8)
        out["info"] = (await bot._get_webhook_info_async()).url
        await bot._delete_webhook_async()
        try:
            await bot.get_update(timeout=0)
        except Exception as error:
            out["nothing"] = str(error)
    try:
        async with zalo_bot.Bot("1:guessed", base_url=given["url"]):
            pass
    except Exception as error:
        out["stranger"] = type(error).__name__
    print(json.dumps(out))
asyncio.run(main())
"""


def test_python_zalo_bot_polls_sends_and_sets_a_webhook(zalo: Simulator) -> None:
    zalo.bot.says(PERSON, "chào bot")

    told = run("zalo_bot", ZALO_BOT, url=zalo.url, token=zalo.account.bot_token)

    text, photo = zalo.bot.sent_to(PERSON)
    assert (told["heard"], told["name"]) == ("chào bot", "Cô Sáu")
    assert (told["sent"], text.values["text"]) == (text.message_id, "Chào")
    assert (told["photo"], photo.values["caption"]) == (photo.message_id, "Ảnh")
    assert told["webhook"] is True
    assert told["info"] == f"{zalo.url}/hook"
    assert "408" in told["nothing"]
    assert told["stranger"] == "InvalidToken"


PYZALO = """
from pyzalo.main import PyZALO
bot = PyZALO(given["token"], base_url=given["url"])
out = {"me": bot.getMe()["result"]["id"]}
message = bot.getUpdates(5)["result"]["message"]
out["heard"] = message["text"]
out["sent"] = bot.sendMessage(message["chat"]["id"], "Chào")["result"]["message_id"]
out["typing"] = bot.sendChatAction(message["chat"]["id"])
out["none"] = bot.getWebhookInfo()
print(json.dumps(out))
"""


def test_pyzalo_polls_and_sends(zalo: Simulator) -> None:
    zalo.bot.says(PERSON, "chào bot")

    told = run("pyzalo", PYZALO, url=zalo.url, token=zalo.account.bot_token)

    (text,) = zalo.bot.sent_to(PERSON)
    assert (told["heard"], told["sent"]) == ("chào bot", text.message_id)
    assert told["typing"] == {"ok": True}
    assert told["none"]["error_code"] == 404


NODE = """
const [appId, secret, body] = process.argv.slice(1);
const stamp = JSON.parse(body).timestamp;
const digest = require("crypto").createHash("sha256").update(appId + body + stamp + secret);
console.log("mac=" + digest.digest("hex"));
"""


def test_a_signature_of_another_language_is_the_simulators() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    received: list[tuple[dict[str, str], bytes]] = []

    def desk(headers: dict[str, str], body: bytes) -> int:
        received.append((headers, body))
        return 200

    with Simulator(desk) as zalo:
        zalo.citizen_says(PERSON, "Hồ sơ của tôi đâu ạ? 🙂")
        account = zalo.account

    (headers, body) = received[0]
    words = [node, "-e", NODE, account.app_id, account.oa_secret, body.decode()]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == headers[SIGNATURE]


def test_the_published_example_has_the_published_signature() -> None:
    """The vector of the platform notes: not HMAC, the app's id first, the bytes as sent."""
    from tests.simulator.webhooks import sign
    from tests.simulator.world import Account

    stamp = "1790000000000"
    body = (
        '{"app_id":"1000000000000000001","sender":{"id":"2000000000000000002"},'
        '"user_id_by_app":"3000000000000000003","recipient":{"id":"4000000000000000004"},'
        '"event_name":"user_send_text","message":{"text":"Xin chào",'
        '"msg_id":"a1b2c3d4e5f60718293a"},"timestamp":"1790000000000"}'
    ).encode()

    assert len(body) == 271
    assert sign(Account(), body, stamp) == (
        "mac=8dee0762912fd88d88b98dbd3671d5a64952b4bb7647fbb6a62bab95cc840dad"
    )


@pytest.mark.parametrize("name", ["Access-Token", "Authorization", "accesstoken"])
def test_only_the_header_of_that_very_name_counts(zalo: Simulator, name: str) -> None:
    account = zalo.account
    zalo.tokens.exchange(
        account.app_secret,
        {
            "app_id": account.app_id,
            "grant_type": "refresh_token",
            "refresh_token": account.first_refresh_token,
        },
    )
    value = f"{'Bearer ' if name == 'Authorization' else ''}{zalo.tokens.access_token}"
    body = {"recipient": {"user_id": PERSON}, "message": {"text": "a"}}

    answer = requests.post(
        f"{zalo.url}/v3.0/oa/message/cs", json=body, headers={name: value}, timeout=5
    )

    assert answer.json()["error"] == -216
