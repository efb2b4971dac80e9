"""A configuration in the making: answers, and the TOML that they become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pfinbox.config.writing import as_toml
from pfinbox.domain.contract.setup import Answers, Setup
from pfinbox.record import record

_HEAD = "# Written by pfinbox init. config.example.toml explains every key.\n\n"
_HIDDEN = "••••••••"


@record
class Drafted:
    """One account: its channel, how that is asked about, and what was answered."""

    channel: str
    setup: Setup
    answers: Answers

    def section(self, *, hidden: bool = False) -> dict[str, Any]:
        """``[accounts.NAME]``; ``hidden``: with dots for the secrets that stand in it."""
        answers = dict(self.answers)
        for page in self.setup.pages:
            if hidden and page.secret is not None and isinstance(answers[page.secret.name], str):
                answers[page.secret.name] = _HIDDEN
        return {"channel": self.channel, **self.setup.settings(answers)}


@dataclass(slots=True)
class Draft:
    """Secrets are kept out of the repr, as everywhere."""

    url: Any = field(default=None, repr=False)
    accounts: dict[str, Drafted] = field(default_factory=dict, repr=False)

    def put(self, wanted: str, drafted: Drafted, instead_of: str | None) -> str:
        """An account under a name that no other one has; returns the name."""
        others = {name: one for name, one in self.accounts.items() if name != instead_of}
        name, number = wanted, 2
        while name in others:
            name, number = f"{wanted[:37]}-{number}", number + 1
        self.accounts = {**others, name: drafted}
        return name

    def text(self, login: str = "", *, hidden: bool = False) -> str:
        """The whole file."""
        data: dict[str, Mapping[str, Any]] = {}
        if self.url is not None:
            inline = hidden and isinstance(self.url, str)
            data["database"] = {"url": _HIDDEN if inline else self.url}
        if login:
            data["agent"] = {"login": login}
        accounts = {name: one.section(hidden=hidden) for name, one in self.accounts.items()}
        if accounts:
            data["accounts"] = accounts
        return _HEAD + as_toml(data)
