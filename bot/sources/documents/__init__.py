"""The document system of the province: a folder, or an address that answers with a list."""

from bot.sources.documents.folder import FolderSource
from bot.sources.documents.http import HttpSource

__all__ = ["FolderSource", "HttpSource"]
