"""How gunicorn runs the web process: one process, many threads, nothing kept in access logs."""

import logging
import signal
import sys
from types import FrameType
from typing import Any

from bot.settings import Settings
from bot.web.intake import INTAKE
from bot.web.serving import LingeringWorker, limit_stalls, worth_a_line
from bot.web.waiting import SEATS

logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
logging.getLogger("bot").setLevel(logging.INFO)  # libraries only warn: they may name callers
_settings = Settings.from_env()

wsgi_app = "server:create_app()"
bind = f"{_settings.host}:{_settings.port}"
worker_class = LingeringWorker
workers = 1  # waiting and streaming cost threads, not processors; more machines, more processes
threads = _settings.web_threads
timeout = 60
graceful_timeout = 5
keepalive = 15
backlog = 1024
max_requests = 0
# Names with an underscore can pass for others and are dropped; Zalo counts its repeats in one,
# and of that one we take the word of a reverse proxy on this machine.
forwarder_headers = "NUM_RETRY"
control_socket_disable = True
accesslog = None  # addresses and paths are about citizens
errorlog = "-"
loglevel = "error"  # its warnings quote the addresses and headers of malformed requests


def when_ready(server: Any) -> None:
    """Let go of callers who stop in the middle of a request or of reading an answer."""
    for listener in server.LISTENERS:
        limit_stalls(listener.sock)
    logging.getLogger("gunicorn.error").addFilter(worth_a_line)


def post_worker_init(worker: Any) -> None:
    """Bring spooled events in; end open streams when asked to leave: pages connect again."""
    worker.wsgi.extensions[INTAKE].start()
    # A webhook hops between two threads; behind a busy third each hop would cost 5 ms.
    sys.setswitchinterval(0.0005)
    leave = signal.getsignal(signal.SIGTERM)

    def end_streams(number: int, frame: FrameType | None) -> None:
        worker.wsgi.extensions[SEATS].end_streams()
        if callable(leave):
            leave(number, frame)

    signal.signal(signal.SIGTERM, end_streams)
