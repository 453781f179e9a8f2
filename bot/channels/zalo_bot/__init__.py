"""A bot of the Zalo Bot Platform: webhook or long polling, text and photos both ways."""

from bot.channels.zalo_bot.api import BotApi
from bot.channels.zalo_bot.channel import ZaloBotChannel
from bot.channels.zalo_bot.polling import Polling

__all__ = ["BotApi", "Polling", "ZaloBotChannel"]
