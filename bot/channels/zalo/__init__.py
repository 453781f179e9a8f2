"""Zalo official accounts: webhook, sending, tokens, the platform's codes."""

from bot.channels.zalo.accounts import Account, all_accounts
from bot.channels.zalo.api import ZaloApi
from bot.channels.zalo.channel import ZaloChannel
from bot.channels.zalo.tokens import TokenPair, TokenStore, ZaloTokens
from bot.channels.zalo.visitors import ZaloVisitors

__all__ = [
    "Account",
    "TokenPair",
    "TokenStore",
    "ZaloApi",
    "ZaloChannel",
    "ZaloTokens",
    "ZaloVisitors",
    "all_accounts",
]
