"""The feed: an agent-based market of users, a platform that learns from them, and creators."""

from creator_kit.exposure.market.run import Market, MarketRun, run_market
from creator_kit.exposure.market.setting import CHANNELS, MarketOptions

__all__ = ["CHANNELS", "Market", "MarketOptions", "MarketRun", "run_market"]
