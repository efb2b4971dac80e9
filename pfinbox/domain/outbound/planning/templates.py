"""Which approved text a comment is (R25): what an agent chose, and by which accounts it can go."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from pfinbox.domain.contract.template import FilledTemplate, Template
from pfinbox.errors import NotFound, UsageError
from pfinbox.i18n import _
from pfinbox.record import record


@record
class TemplateChoice:
    """What an agent chose; ``language`` None: the only one that there is."""

    name: str
    language: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "language": self.language, "values": dict(self.values)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TemplateChoice":
        return cls(value["name"], value["language"], dict(value["values"]))

    @classmethod
    def named(cls, typed: str, values: Mapping[str, str]) -> "TemplateChoice":
        """``NAME`` or ``NAME:LANGUAGE``."""
        name, _colon, language = typed.partition(":")
        return cls(name.strip(), language.strip() or None, values)


@record
class ByTemplate:
    """A filled template, what it says, and the accounts whose service knows it."""

    filled: FilledTemplate
    text: str
    account_ids: frozenset[int]


def chosen(
    choice: TemplateChoice,
    known: Mapping[int, Sequence[Template]],
    media_types: Sequence[str] | None = None,
) -> ByTemplate:
    """The template that is meant among those of the accounts, the likeliest account first.

    An account whose template of this name says something else does not count. ``media_types``: of
    the files that go with it; None where these are not known yet.
    """
    named = {
        account_id: [
            one
            for one in templates
            if one.name == choice.name and choice.language in (None, one.language)
        ]
        for account_id, templates in known.items()
    }
    found = next((some for some in named.values() if some), [])
    if not found:
        names = sorted({one.name for some in known.values() for one in some})
        words = _("there is no template {name}; known: {names}")
        raise NotFound(words.format(name=choice.name, names=", ".join(names) or _("none")))
    if len(found) > 1:
        words = _("template {name} is there in several languages; name one: {names}")
        names = [f"{one.name}:{one.language}" for one in found]
        raise UsageError(words.format(name=choice.name, names=", ".join(names)))
    template = found[0]
    if media_types is None:
        template.must_be_sendable()
    else:
        template.must_fit(media_types)
    filled = template.fill(choice.values)
    same = frozenset(account_id for account_id, some in named.items() if template in some)
    return ByTemplate(filled, template.said(filled.values), same)
