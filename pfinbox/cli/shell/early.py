"""The language that the configuration names, found before anything else is imported.

Help and usage errors are in it too, and come before a command reads its configuration: so this
looks into the file by itself, quickly, and leaves every complaint about it to ``config.load``.
"""

import os
from collections.abc import Sequence
from pathlib import Path


def configured_language(arguments: Sequence[str]) -> str | None:
    """``language`` of ``[agent]`` in the file that ``--config``, PFINBOX_CONFIG or nobody names."""
    named = _option(arguments) or os.environ.get("PFINBOX_CONFIG")
    try:
        content = (Path(os.path.expanduser(named)) if named else default_path()).read_bytes()
        if b"language" not in content:
            return None
        import tomllib

        agent = tomllib.loads(content.decode()).get("agent")
    except (OSError, ValueError):
        return None
    language = agent.get("language") if isinstance(agent, dict) else None
    return language if isinstance(language, str) else None


def default_path() -> Path:
    """The default path that ``pfinbox.config`` has, too; importing that takes much longer."""
    import platformdirs

    return platformdirs.user_config_path("pfinbox", appauthor=False) / "config.toml"


def _option(arguments: Sequence[str]) -> str | None:
    """The value of ``--config`` among the global options."""
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name == "--config":
            return value if equals else next(rest, None)
        if argument == "--agent":
            next(rest, None)
        elif not argument.startswith("-"):
            break
    return None
