"""The agents whom the configuration names for an account and who are not here yet."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pfinbox.record import record


@record
class Awaited:
    """Agents by their logins; until they are here, nobody else is shown what is theirs."""

    owner: str | None = None
    agents: tuple[str, ...] = ()

    @property
    def logins(self) -> tuple[str, ...]:
        return tuple(filter(None, dict.fromkeys([self.owner, *self.agents])))

    def without(self, login: str) -> "Awaited":
        """Who is still awaited once the agent with this login is here."""
        owner = self.owner if self.owner != login else None
        return replace(self, owner=owner, agents=tuple(a for a in self.agents if a != login))

    def as_json(self) -> dict[str, Any] | None:
        """None where nobody is awaited."""
        return {"owner": self.owner, "agents": list(self.agents)} if self.logins else None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Awaited":
        return cls(value["owner"], tuple(value["agents"]))
