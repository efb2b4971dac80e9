"""Hatch's build hook: the compiled catalogues are made by every build, an editable one too."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Named in pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        folder = Path(self.root) / "pfinbox" / "locale"
        # By its path: the package itself cannot be imported while it is being built.
        runpy.run_path(str(folder / "compiling.py"))["compile_catalogues"](folder)
