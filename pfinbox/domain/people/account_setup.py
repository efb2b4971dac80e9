"""An account as the configuration has it, and whose it is (R10)."""

from collections.abc import Container

from pfinbox.domain.contract.channel import Capability, Limits
from pfinbox.domain.people.awaited import Awaited
from pfinbox.record import record


@record
class AccountSetup:
    """One ``[accounts.NAME]`` section with what its channel says about it; no secrets."""

    name: str
    channel: str
    label: str
    capabilities: Capability
    limits: Limits
    role: str = "shared"
    owner: str | None = None
    agents: tuple[str, ...] | None = None
    # None: true for channels without threads, 14d for those with (R6)
    new_task_after_close: str | None = None
    acknowledgement: str | None = None
    contact_notices_by_mail: bool = True
    # What stands for its channel where there is room for one cell.
    sign: str = ""
    # What its channel is called.
    channel_label: str = ""
    # Every address of its own, aliases included; none: the label is the only one.
    addresses: tuple[str, ...] = ()

    @property
    def reopens(self) -> str:
        """What a client's message does to a finished task (R6)."""
        default = "14d" if self.capabilities & Capability.THREADS else "true"
        return self.new_task_after_close or default

    def missing(self, logins: Container[str]) -> Awaited:
        """The agents whom it names and who are not among ``logins``."""
        owner = self.owner if self.owner is not None and self.owner not in logins else None
        agents = dict.fromkeys(self.agents or ())
        return Awaited(owner, tuple(one for one in agents if one not in logins))
