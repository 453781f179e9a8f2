"""What only the real server can show: which headers reach us, and the domain's own file."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.settings import Settings
from tests.adapters.web_parts import some_parts, web_app
from tests.desk_process import RunningDesk, running_desk

CODE = "Kz0_xB-9aQ1"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A web process behind gunicorn, with Zalo switched on."""
    settings = {
        "MOTCUA_ZALO_APP_ID": "1000000000000000001",
        "MOTCUA_ZALO_APP_SECRET": "app-secret",
        "MOTCUA_ZALO_OA_ID": "4000000000000000004",
        "MOTCUA_ZALO_OA_SECRET": "oa-secret",
        "MOTCUA_ZALO_VERIFIER": CODE,
    }
    with running_desk(tmp_path_factory.mktemp("web"), settings, start=False) as desk:
        desk.start("web")
        deadline = time.monotonic() + 60
        while not answers(desk):
            assert time.monotonic() < deadline, desk.log("web")
            time.sleep(0.1)
        yield desk


def answers(desk: RunningDesk) -> bool:
    try:
        return requests.get(f"{desk.url}/healthz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def post(desk: RunningDesk, headers: dict[str, str]) -> int:
    """Post as the platform does; the library must not touch the headers' names."""
    line = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=10)
    line.request("POST", "/webhooks/zalo", b"{}", {"Content-Type": "application/json", **headers})
    status = line.getresponse().status
    line.close()
    return status


def repeats(desk: RunningDesk) -> float:
    text = requests.get(f"{desk.url}/metrics", timeout=5).text
    lines = [line for line in text.splitlines() if line.startswith("motcua_webhook_repeats_total")]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def test_the_platforms_count_of_repeats_arrives(web: RunningDesk) -> None:
    before = repeats(web)

    assert post(web, {"num_retry": "3"}) == 200
    assert post(web, {"num_retry": "0"}) == 200
    assert post(web, {}) == 200

    assert repeats(web) == before + 1


@pytest.mark.parametrize("name", ["X_Forwarded_For", "SCRIPT_NAME", "content_length", "x_sign"])
def test_no_other_header_with_an_underscore_passes(web: RunningDesk, name: str) -> None:
    assert post(web, {name: "7"}) == 200  # dropped, or the length would be wrong


def test_the_file_of_the_domain_verification_is_served(web: RunningDesk) -> None:
    answer = requests.get(f"{web.url}/zalo_verifier{CODE}.html", timeout=5)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert f'<meta name="zalo-platform-site-verification" content="{CODE}">' in answer.text


@pytest.mark.parametrize("code", ["", "other", CODE.lower(), f"{CODE}x", "é"])
def test_no_other_file_of_that_kind_is(web: RunningDesk, code: str) -> None:
    answer = requests.get(f"{web.url}/zalo_verifier{code}.html", timeout=5)

    assert answer.status_code == 404


def test_without_the_setting_there_is_no_file(tmp_path: Path) -> None:
    parts = some_parts(tmp_path)
    assert Settings().zalo_verifier == ""

    assert web_app(parts).test_client().get("/zalo_verifier.html").status_code == 404
    parts.store.close()
