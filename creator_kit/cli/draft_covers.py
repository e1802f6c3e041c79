"""What is done to a draft besides drafting: a model's rewording, a cover; and how many briefs there are for the bar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creator_kit.errors import CreatorKitError, UsageError
from creator_kit.locale import _

if TYPE_CHECKING:
    from creator_kit.cover.drawing import CoverAssets
    from creator_kit.drafting import Draft, DrafterRecipe
    from creator_kit.persona.model import CoverStyle
    from creator_kit.workspace import Workspace

BATCH_NAME = "drafts.jsonl"
COVERS_NAME = "covers"
# Files larger than this are not read twice only for the bar's end.
_MAX_COUNTED_BYTES = 50_000_000


@dataclass(frozen=True)
class CoverDrawer:
    """Draws ``folder/covers/<draft>.png`` for a draft and notes it in the draft, in whatever process drafts.

    A cover that cannot be drawn (a title with a gap, a font that is missing) leaves the draft as it is, with the
    reason in ``extra["cover_error"]``: one cover does not cost the text.
    """

    style: CoverStyle
    folder: Path
    root: Path
    user_root: Path | None = None

    @cached_property
    def _assets(self) -> CoverAssets:
        from creator_kit.cover.drawing import load_cover_assets

        return load_cover_assets(self.user_root)

    def __call__(self, draft: Draft) -> Draft:
        from creator_kit.cover.drawing import add_images, draw_draft_cover

        path = self.folder / COVERS_NAME / f"{draft.draft_id}.png"
        try:
            drawn = draw_draft_cover(draft, self.style, path, assets=self._assets)
        except CreatorKitError as error:
            return replace(draft, extra={**draft.extra, "cover_error": error.what.strip()})
        return add_images(draft, drawn.paths, self.root, score=drawn.score)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_assets"}


def with_covers(recipe: DrafterRecipe, folder: Path, workspace: Workspace | None) -> DrafterRecipe:
    """``recipe`` that also draws covers below ``folder``. Images are named from the workspace, else from there."""
    if folder.is_file():
        raise UsageError(_("with --covers, --out is a folder"), where=str(folder))
    root = workspace.root if workspace is not None else folder
    drawer = CoverDrawer(recipe.persona.cover, folder, root, recipe.user_root)
    return replace(recipe, steps=(*recipe.steps, drawer))


def with_model(recipe: DrafterRecipe, model_id: str, timeout_s: float) -> DrafterRecipe:
    """``recipe`` whose drafts a model rewords. Raises at once where llm or the model is not there."""
    from creator_kit.drafting.model import Rewriter

    rewriter = Rewriter(recipe.persona, model_id, recipe.user_root, timeout_s, known=recipe.known)
    rewriter.check()
    return replace(recipe, steps=(*recipe.steps, rewriter), model_note=f" {model_id}")


def count_briefs(source: str) -> int | None:
    """Lines of a file of JSON lines that are not blank; None where that is not known (stdin, TOML, no file)."""
    path = Path(source)
    if source == "-" or path.suffix.lower() == ".toml" or not path.is_file():
        return None
    if path.stat().st_size > _MAX_COUNTED_BYTES:
        return None
    with path.open("rb") as stream:
        return sum(bool(line.strip()) for line in stream)
