"""The ranking profile: every constant of the exposure model as data, with its range, source and confidence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from creator_kit.datafiles import read_toml, suggest, validate_model
from creator_kit.errors import InputError
from creator_kit.locale import _, pick
from creator_kit.paths import list_data_files

Array = NDArray[np.float64]
Confidence = Literal["OFF", "ENG", "PAP", "CODE", "LORE", "CALC", "SEED", "JUDGE"]
Distribution = Literal["fixed", "uniform", "log-uniform", "triangular", "log-triangular"]

# A profile may build on another that builds on another; deeper is a mistake.
MAX_EXTENDS = 4


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Constant(_Strict):
    """One number of the model, with what is known about it.

    A forecast draws it between ``low`` and ``high`` by ``distribution`` (``default`` is the mode of the
    triangular ones); ``fixed`` constants have no range. The bounds are hard: nothing is drawn outside.
    """

    default: float
    low: float | None = None
    high: float | None = None
    distribution: Distribution = "fixed"
    unit: str
    source: str = Field(min_length=3)
    confidence: Confidence
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def note(self) -> str:
        """What the constant is, in the reader's language."""
        return pick(self.zh, self.en)

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value that a forecast may draw."""
        if self.distribution == "fixed" or self.low is None or self.high is None:
            return self.default, self.default
        return self.low, self.high

    def limits(self) -> tuple[float, float]:
        """What values make sense at all for this kind of constant."""
        return 0.0, float("inf")

    @model_validator(mode="after")
    def _check_ranges(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError(_("give both low and high, or neither"))
        least, most = self.limits()
        for name, value in (("default", self.default), ("low", self.low), ("high", self.high)):
            if value is not None and not least <= value <= most:
                raise ValueError(
                    _("{name} = {value} must lie between {least} and {most}").format(
                        name=name, value=value, least=least, most=most
                    )
                )
        if self.low is None or self.high is None:
            if self.distribution != "fixed":
                raise ValueError(_("distribution '{kind}' needs low and high").format(kind=self.distribution))
            return self
        if self.low > self.high:
            raise ValueError(_("low = {low} is above high = {high}").format(low=self.low, high=self.high))
        if not self.low <= self.default <= self.high:
            raise ValueError(
                _("default = {default} lies outside low = {low} to high = {high}").format(
                    default=self.default, low=self.low, high=self.high
                )
            )
        if self.distribution.startswith("log-") and self.low <= 0:
            raise ValueError(_("distribution '{kind}' needs a low above 0").format(kind=self.distribution))
        return self

    def draw(self, u: Array) -> Array:
        """Values at the levels ``u`` (0 to 1) of the distribution, same shape as ``u``."""
        low, high = self.bounds
        if low == high:
            return np.full(u.shape, self.default)
        mode = self.default
        if self.distribution.startswith("log-"):
            low, mode, high = float(np.log(low)), float(np.log(mode)), float(np.log(high))
        if self.distribution.endswith("uniform"):
            x = low + u * (high - low)
        else:
            rise = (mode - low) / (high - low)
            x = np.where(
                u < rise,
                low + np.sqrt(u * (high - low) * (mode - low)),
                high - np.sqrt((1 - u) * (high - low) * (high - mode)),
            )
        return np.exp(x) if self.distribution.startswith("log-") else x


class Rate(Constant):
    """A probability, 0 to 1."""

    def limits(self) -> tuple[float, float]:
        return 0.0, 1.0


class Amount(Constant):
    """A number that is not negative: a weight, a count, a spread."""


class Positive(Constant):
    """A number above zero: hours, a factor, odds."""

    def limits(self) -> tuple[float, float]:
        return 1e-9, float("inf")


class AtLeastOne(Constant):
    """A number of one or more: a factor that only raises, a number of covers or pools."""

    def limits(self) -> tuple[float, float]:
        return 1.0, float("inf")


class LogitStep(Constant):
    """A change on the log-odds scale; may be negative."""

    def limits(self) -> tuple[float, float]:
        return -10.0, 10.0


class Constants(_Strict):
    """All constants of the mechanism (creator_kit.exposure.mechanism says where each one acts)."""

    # what readers do with a note that they are shown
    open_rate: Rate
    video_flow_read_rate: Rate
    like_rate: Rate
    collect_rate: Rate
    comment_rate: Rate
    share_rate: Rate
    follow_rate: Rate
    hide_rate: Rate
    quality_sd: Amount
    action_sd: Amount
    action_correlation: Rate
    quality_validity: Rate
    title_validity: Rate
    cover_validity: Rate
    cover_score_usual: Amount
    cover_score_sd: Positive
    # the page
    covers_in_view: AtLeastOne
    page_depth: AtLeastOne
    examination_slots: Positive
    ad_every_slots: Positive
    # the score
    like_weight: Amount
    collect_weight: Amount
    comment_weight: Amount
    share_weight: Amount
    follow_weight: Amount
    hide_weight: Amount
    # a new note's guarantee and the pools after it
    guarantee_base: Amount
    guarantee_content: Amount
    guarantee_author: Amount
    guarantee_sd: Amount
    guarantee_hours: AtLeastOne
    cold_start_boost: Positive
    content_estimate_validity: Rate
    evidence_pseudo_impressions: Positive
    promotion_threshold: LogitStep
    promotion_softness: Positive
    promotion_half_life_hours: Positive
    pool_growth: AtLeastOne
    pool_hours: AtLeastOne
    n_pools: AtLeastOne
    audience_match_step: LogitStep
    # followers
    follower_active_rate: Rate
    follower_feed_rate: Rate
    follower_decay_hours: Positive
    follower_window_hours: AtLeastOne
    follower_open_odds: Positive
    # search
    search_share: Rate
    search_sd: Amount
    search_age_power: Positive
    search_onset_hours: Positive
    search_open_odds: Positive
    # account and note
    account_sd: Amount
    account_rate_sd: Amount
    grade_weight: AtLeastOne
    sponsored_factor: Rate
    paid_open_odds: Positive
    lint_penalty: Rate


class MarketConstants(_Strict):
    """What only the feed needs to know (creator_kit.exposure.market); a forecast of one note does not read them."""

    # audience
    n_topics: AtLeastOne
    scenarios_per_topic: AtLeastOne
    interest_sd: Positive
    interest_topic_share: Rate
    visits_per_day: Positive
    activity_sd: Amount
    open_screen_rate: Rate
    open_screen_slots: Amount
    ad_open_odds: Positive
    follows_per_user: AtLeastOne
    koc_tie_odds: Positive
    kol_tie_odds: Positive
    # platform
    interest_pseudo_impressions: Positive
    ranking_temperature: Positive
    exploration_share: Rate
    scenario_cap_share: Rate
    fresh_cap_share: Rate
    known_visits: Amount
    new_user_share: Rate
    # creators
    notes_per_user_day: Positive
    worker_share: Rate
    worker_notes_per_day: Positive
    sharer_notes_per_day: Positive
    skill_share: Rate
    popularity_sd: Amount
    koc_share: Rate
    kol_share: Rate
    n_templates: AtLeastOne
    worker_template_rate: Rate
    sharer_template_rate: Rate
    template_lift: LogitStep
    template_fatigue: Amount
    stock_days: Positive


class HourCurve(_Strict):
    """When the audience is there: 24 shares of a day, midnight first, in Beijing time."""

    shares: tuple[float, ...]
    source: str = Field(min_length=3)
    confidence: Confidence
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @model_validator(mode="after")
    def _check_shares(self) -> Self:
        if len(self.shares) != 24:
            raise ValueError(_("shares: 24 numbers are needed, one an hour, not {n}").format(n=len(self.shares)))
        if min(self.shares) <= 0:
            raise ValueError(_("shares: each hour needs a share above 0"))
        return self


class RankingProfile(_Strict):
    """How exposure is assumed to come about. An assumption to compute with, not the platform's algorithm."""

    id: str = Field(pattern=r"^[\w-]+$")
    extends: str | None = None
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    constants: Constants
    market: MarketConstants
    audience_hours: HourCurve

    @property
    def about(self) -> str:
        """One sentence about the profile, in the reader's language."""
        return pick(self.zh, self.en)

    def with_constant(self, name: str, value: float) -> RankingProfile:
        """This profile with constant ``name`` (of the mechanism or of the feed) known to be ``value``."""
        return self.with_constants({name: value})

    def with_constants(self, values: Mapping[str, float]) -> RankingProfile:
        """This profile with each constant of ``values`` known to be that."""
        tables: dict[str, Any] = {"constants": {}, "market": {}}
        for name, value in values.items():
            part = "constants" if name in Constants.model_fields else "market"
            constant = getattr(getattr(self, part), name)
            tables[part][name] = type(constant).model_validate(
                constant.model_dump() | {"default": value, "low": None, "high": None, "distribution": "fixed"}
            )
        update = {part: getattr(self, part).model_copy(update=known) for part, known in tables.items() if known}
        return self.model_copy(update=update)


def list_profiles(user_root: Path | None = None) -> list[str]:
    """Names of the profiles at hand; the user's own folder hides shipped ones of its name."""
    return [path.stem for path in list_data_files("ranking", ".toml", user_root)]


def load_profile(name_or_path: str | Path, user_root: Path | None = None) -> RankingProfile:
    """The profile of that name (``templates/ranking/<name>.toml``, the user's first) or in that file.

    A profile may say ``extends = "explore"`` and give only what differs, down to single keys of a constant.
    Raises InputError that names file and field.
    """
    path = _find_profile(str(name_or_path), user_root)
    return validate_model(_read_merged(path, user_root, depth=0), RankingProfile, where=str(path))


def _find_profile(name: str, user_root: Path | None, *, beside: Path | None = None) -> Path:
    if name.endswith(".toml") or "/" in name or "\\" in name:
        path = Path(name)
        if beside is not None and not path.is_absolute():
            path = beside.parent / path
        return path
    found = {path.stem: path for path in list_data_files("ranking", ".toml", user_root)}
    if name in found:
        return found[name]
    near = suggest(name, list(found))
    raise InputError(
        _("no ranking profile '{name}'").format(name=name),
        where=str(beside) + ":extends" if beside else None,
        hint=_("did you mean '{near}'?").format(near=near)
        if near
        else _("known are: {names}; or give a .toml file").format(names=", ".join(found)),
    )


def _read_merged(path: Path, user_root: Path | None, *, depth: int) -> dict[str, Any]:
    table = read_toml(path)
    base_name = table.get("extends")
    if not isinstance(base_name, str):
        return table
    if depth >= MAX_EXTENDS:
        raise InputError(_("profiles extend each other in a circle, or too deeply"), where=f"{path}:extends")
    # A user's explore.toml that extends "explore" means the shipped one, not itself.
    base_path = _find_profile(base_name, user_root, beside=path)
    if base_path.resolve() == path.resolve():
        base_path = _find_profile(base_name, None, beside=path)
    return _merge(_read_merged(base_path, user_root, depth=depth + 1), table)


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
