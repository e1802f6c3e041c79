"""A creator's folder: ``creator.toml`` and ``kit.db``. The only place with SQL."""

from creator_kit.workspace.folder import (
    Settings,
    Workspace,
    find_workspace,
    init_workspace,
    open_workspace,
)

__all__ = ["Settings", "Workspace", "find_workspace", "init_workspace", "open_workspace"]
