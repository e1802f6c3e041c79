"""What libraries of titles and of bodies share as files: where they lie, whose come first, how a lift is written."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from creator_kit.mining.template import Interval, Lift
from creator_kit.paths import list_data_files


class LiftModel(BaseModel):
    """A lift as it stands in a library."""

    model_config = ConfigDict(extra="forbid")

    value: float = Field(gt=0)
    low: float = Field(gt=0)
    high: float = Field(gt=0)
    level: float = Field(default=0.9, gt=0, lt=1)
    n_hot: int = Field(ge=0)
    n_ordinary: int = Field(ge=0)
    against: str

    def read(self) -> Lift:
        interval = Interval(self.low, self.high, self.level)
        return Lift(self.value, interval, self.n_hot, self.n_ordinary, self.against)


def write_lift(lift: Lift | None) -> dict[str, object]:
    """``{"lift": {…}}`` for a table of a library or of JSON; {} where there is none."""
    if lift is None:
        return {}
    return {
        "lift": {
            "value": lift.value,
            "low": lift.interval.low,
            "high": lift.interval.high,
            "level": lift.interval.level,
            "n_hot": lift.n_hot,
            "n_ordinary": lift.n_ordinary,
            "against": lift.against,
        }
    }


def list_library_files(kind: str, user_root: Path | None) -> list[Path]:
    """The libraries of ``kind`` ("titles", "bodies"): the user's own (``user_root/templates/<kind>``) first, then the
    shipped ones, each by name; a user's file hides a shipped file of its name."""
    paths = list_data_files(kind, ".toml", user_root)
    own = user_root / "templates" if user_root else None
    return sorted(paths, key=lambda path: (own is None or own not in path.parents, path.name))
