"""The web process: page, chat API, webhooks, search and health."""
