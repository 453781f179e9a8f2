"""The official account as a publisher of articles."""

from __future__ import annotations

from bot.channels.zalo.api import Target, ZaloApi
from bot.core.notices.articles import Article


class ZaloArticles:
    """Writes and broadcasts articles of one account. Every method raises SendError."""

    def __init__(self, api: ZaloApi) -> None:
        self._api = api

    def create(self, article: Article) -> str:
        """Begin an article that is shown at once; return the token to ask for its id with."""
        return self._api.create_article(
            title=article.title,
            author=article.author,
            description=article.description,
            cover_url=article.cover_url,
            body=[{"type": "text", "content": text} for text in article.paragraphs],
        )

    def article_id(self, token: str) -> str:
        """Return the article's id. Raises SendLater while the platform works on it."""
        return self._api.article_id(token)

    def broadcast(self, article_id: str) -> str:
        """Send the article to everybody who follows the account; return the message's id."""
        return self._api.broadcast([article_id], Target())
