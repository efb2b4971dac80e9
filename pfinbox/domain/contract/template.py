"""Texts that a service has approved beforehand: what may be said once the reply window is closed.

A channel with the capability TEMPLATES tells its account's templates (``Batch.templates``); the
inbox keeps them, an agent fills one in, and the channel gets it back (``Outgoing.template``).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.record import record

_PLACE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_LONGEST_VALUE = 1000
HEADERS = ("image", "video", "document")


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
    # What stands above the text besides words, of the file that is given with it: one of HEADERS;
    # another word of the service's, where it is what no agent can give.
    header: str = ""

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
        return FilledTemplate(self.name, self.language, given, self.header)

    def must_fit(self, media_types: Sequence[str]) -> None:
        """UsageError where these files are not what stands above the text."""
        self.must_be_sendable()
        if not self.header and media_types:
            raise UsageError(_("a template goes as it was approved: no text, file or quotation"))
        if self.header and [header_of(one) for one in media_types] != [self.header]:
            words = _("template {template} wants one file above its text: {kind}")
            raise UsageError(words.format(template=self.name, kind=self.header_words))

    def must_be_sendable(self) -> None:
        if self.header and self.header not in HEADERS:
            words = _(
                "template {template} cannot be sent from here, for what stands above it: {kind}"
            )
            raise UsageError(words.format(template=self.name, kind=self.header_words))

    @property
    def header_words(self) -> str:
        """What stands above the text, for people."""
        known = {"image": _("a picture"), "video": _("a video"), "document": _("a document")}
        return known.get(self.header, self.header)

    def said(self, values: Mapping[str, str]) -> str:
        """The text with the values that there are; other places stay as they are."""
        return _PLACE.sub(lambda place: values.get(place[1]) or place[0], clean(self.text))


@record
class FilledTemplate:
    """Which template is sent, and what stands in its places."""

    name: str
    language: str
    values: Mapping[str, str]
    # What the file with it is, where one stands above the text.
    header: str = ""

    def as_json(self) -> dict[str, Any]:
        kept = {"name": self.name, "language": self.language, "values": dict(self.values)}
        return kept | ({"header": self.header} if self.header else {})

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "FilledTemplate":
        header = value.get("header", "")
        return cls(value["name"], value["language"], dict(value["values"]), header)


def header_of(media_type: str) -> str:
    """What a file of this type is above a template."""
    kind = media_type.partition("/")[0]
    return kind if kind in HEADERS else "document"
