"""Finds channels by name through entry points; a third party's comes by the same door as ours."""

from importlib.metadata import EntryPoint, entry_points

from pfinbox.domain.contract.channel import ChannelSpec
from pfinbox.errors import ConfigError
from pfinbox.i18n import _

GROUP = "pfinbox.channels"


def channel_names() -> tuple[str, ...]:
    """All installed channels, sorted; imports none of them."""
    return tuple(sorted(_found()))


def load_channel(name: str) -> ChannelSpec:
    """The channel's light description; imports its module and no other channel's.

    Raises ConfigError when there is none of that name, or when it cannot be used.
    """
    found = _found()
    if name not in found:
        raise ConfigError(
            _("there is no channel {name}; installed: {known}").format(
                name=name, known=", ".join(sorted(found)) or _("none")
            )
        )
    entry = found[name]
    try:
        spec = entry.load()
    except Exception as error:  # a plug-in's module may raise anything while it is imported
        raise ConfigError(
            _("channel {name} ({module}) cannot be loaded: {detail}").format(
                name=name, module=entry.value, detail=f"{type(error).__name__}: {error}"
            )
        ) from error
    if not isinstance(spec, ChannelSpec) or spec.name != name:
        raise ConfigError(
            _("channel {name}: {module} is not the description of a channel of that name").format(
                name=name, module=entry.value
            )
        )
    return spec


def _found() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        # The first one on the path wins, as it does for modules.
        found.setdefault(entry.name, entry)
    return found
