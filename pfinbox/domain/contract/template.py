"""Texts that a service has approved beforehand: what may be said once the reply window is closed.

A channel with the capability TEMPLATES tells its account's templates (``Batch.templates``); the
inbox keeps them, an agent fills one in, and the channel gets it back (``Outgoing.template``).
"""

import re
from collections.abc import Mapping
from typing import Any

from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.record import record

_PLACE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_LONGEST_VALUE = 1000


@record
class Template:
    """One approved text in one language.

    ``text`` is all that the client will read, with places: ``{{1}}``, ``{{name}}``. ``category`` is
    the service's own word for its kind, which often decides what it costs.
    """

    name: str
    language: str
    text: str
    category: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the places, in their order."""
        return tuple(dict.fromkeys(_PLACE.findall(self.text)))

    def fill(self, values: Mapping[str, str]) -> "FilledTemplate":
        """The template with all its places filled in; UsageError where that cannot be done."""
        given = {name: clean_line(value, _LONGEST_VALUE) for name, value in values.items()}
        for name in given:
            if name not in self.parameters:
                words = _("template {template} has no parameter {name}; it has: {known}")
                known = ", ".join(self.parameters) or "-"
                raise UsageError(words.format(template=self.name, name=name, known=known))
        if missing := [name for name in self.parameters if not given.get(name)]:
            words = _("template {template} wants a value for: {names}")
            raise UsageError(words.format(template=self.name, names=", ".join(missing)))
        return FilledTemplate(self.name, self.language, given)

    def said(self, values: Mapping[str, str]) -> str:
        """The text with the values that there are; other places stay as they are."""
        return _PLACE.sub(lambda place: values.get(place[1]) or place[0], clean(self.text))


@record
class FilledTemplate:
    """Which template is sent, and what stands in its places."""

    name: str
    language: str
    values: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "language": self.language, "values": dict(self.values)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "FilledTemplate":
        return cls(value["name"], value["language"], dict(value["values"]))
