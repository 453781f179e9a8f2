"""How gunicorn runs the web process: one process, many threads, nothing kept in access logs."""

from bot.settings import Settings

_settings = Settings.from_env()

wsgi_app = "server:create_app()"
bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = 1  # waiting and streaming cost threads, not processors; more machines, more processes
threads = _settings.web_threads
timeout = 60
graceful_timeout = 5  # streams connect again by themselves
keepalive = 15
backlog = 1024
max_requests = 0
control_socket_disable = True
accesslog = None  # addresses and paths are about citizens
errorlog = "-"
loglevel = "warning"
