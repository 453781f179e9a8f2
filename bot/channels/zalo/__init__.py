"""Zalo official accounts: webhook, sending, tokens, the platform's codes."""

from bot.channels.zalo.api import ZaloApi
from bot.channels.zalo.channel import ZaloChannel
from bot.channels.zalo.tokens import TokenPair, TokenStore, ZaloTokens

__all__ = ["TokenPair", "TokenStore", "ZaloApi", "ZaloChannel", "ZaloTokens"]
