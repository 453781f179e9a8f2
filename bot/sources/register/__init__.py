"""The dossier register that is shipped inside the registry file."""

from bot.sources.register.source import RegisterSource

__all__ = ["RegisterSource"]
