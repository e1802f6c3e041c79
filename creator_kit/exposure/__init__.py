"""What exposure to expect: a ranking profile's mechanism by Monte Carlo, as P10/P50/P90, never a mean."""

from creator_kit.exposure.backtest import Backtest
from creator_kit.exposure.chart import draw_fan_chart, render_fan
from creator_kit.exposure.fitting import FittedProfile, fit_profile
from creator_kit.exposure.forecast import Forecast, Quantiles
from creator_kit.exposure.funnel_chart import draw_funnel
from creator_kit.exposure.profile import RankingProfile, list_profiles, load_profile
from creator_kit.exposure.simulate import NoteInput, simulate_note

__all__ = [
    "Backtest",
    "FittedProfile",
    "Forecast",
    "NoteInput",
    "Quantiles",
    "RankingProfile",
    "draw_fan_chart",
    "draw_funnel",
    "fit_profile",
    "list_profiles",
    "load_profile",
    "render_fan",
    "simulate_note",
]
