"""A key that does nothing in a place says so, once."""

from pfinbox.i18n import _
from pfinbox.tui.shell.command import COMPOSER
from pfinbox.tui.shell.keymap import Keymap, spelled


class UnusedKeys:
    """Remembers what was said already."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] = set()

    def words(self, keymap: Keymap, place: str, key: str) -> str:
        """The sentence to say, "" where there is none.

        A text field has keys of its own; and a key of the composer, pressed once more when it has
        done its work, is no mistake.
        """
        if place == COMPOSER or keymap.find(COMPOSER, key) is not None:
            return ""
        if (place, key) in self._said:
            return ""
        self._said.add((place, key))
        shown = keymap.shown("help")
        if shown and keymap.find(place, shown) is not None:
            words = _("The key {key} does nothing here; {help} shows the keys.")
            return words.format(key=spelled(key), help=spelled(shown))
        return _("The key {key} does nothing here.").format(key=spelled(key))
