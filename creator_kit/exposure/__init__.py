"""What exposure to expect: a ranking profile's mechanism by Monte Carlo, as P10/P50/P90, never a mean."""

from creator_kit.exposure.forecast import Forecast, Quantiles

__all__ = ["Forecast", "Quantiles"]
