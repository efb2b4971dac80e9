"""Who else stands on a mail: for reply-all, and for whoever is written to by address (R45)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Account, Agent
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.domain.text.mail_address import normalise
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.record import record

MAX_LOGIN = 64
_NO_ID = re.compile(r"[\s,;<>()\"]")


def mailbox(text: str) -> Party:
    """``maria@client.example`` or ``Maria <maria@client.example>``; UsageError otherwise."""
    line = _typed(text)
    name, value = "", line
    if line.endswith(">"):
        name, _angle, value = line[:-1].rpartition("<")
    try:
        address = normalise(value)
    except ValueError as error:
        raise UsageError(_("{text} is no e-mail address").format(text=repr(line))) from error
    return Party(address, clean_line(name.strip().strip('"'), 150))


def messenger_id(text: str) -> str:
    """Somebody's id or name in a messenger, as a person typed it; UsageError otherwise."""
    line = _typed(text)
    if _NO_ID.search(line) or not line:
        raise UsageError(_("{value} is no address").format(value=repr(line)))
    return line


def login_name(text: str) -> str:
    """What an agent signs in as, as a person typed it; UsageError otherwise."""
    line = _typed(text)
    if _NO_ID.search(line) or not 0 < len(line) <= MAX_LOGIN:
        raise UsageError(
            _("{login} is no login: 1 to {n} characters without blanks and , ; < >").format(
                login=repr(line), n=MAX_LOGIN
            )
        )
    return line


def _typed(text: str) -> str:
    """Whatever people type as an address or a login passes here: nothing in it is invisible."""
    if not text.isprintable() or clean_line(text, 400) != text.strip():
        raise UsageError(
            _("{text} holds characters that cannot be seen").format(text=repr(clean_line(text)))
        )
    return text.strip()


def left_address(typed: str, ours: "OurSide") -> str | None:
    """Where somebody says that e-mail finds them; None for no address, or one of our own."""
    try:
        address = normalise(typed)
    except ValueError:
        return None
    return None if ours.is_ours(address) or clean_line(address) != address else address


def base(address: str) -> str:
    """The address without what was added behind a plus: a signed reply address is our own."""
    local, at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


@record
class OurSide:
    """Whose mail is our own side's: that of our accounts and that of agents.

    Nobody of it is ever a client: not as a sender, not in To or Cc, not in what is forwarded.
    """

    # The lower-cased addresses of our mail accounts, with the agent whose account it is.
    accounts: Mapping[str, int | None] = field(default_factory=dict)
    # Agents by their own lower-cased address, with those who have left.
    agents: Mapping[str, int] = field(default_factory=dict)

    def is_account(self, address: str) -> bool:
        """Whether mail to ``address`` comes to one of our own accounts."""
        return address.lower() in self.accounts or base(address) in self.accounts

    def agent(self, address: str) -> int | None:
        """The agent whose address this is, as one's own or as that of a personal account."""
        value = address.lower()
        return self.agents.get(value) or self.accounts.get(value) or self.accounts.get(base(value))

    def is_ours(self, address: str) -> bool:
        return address.lower() in self.agents or self.is_account(address)

    def others(self, people: Iterable[Party]) -> list[Party]:
        """The people of a mail who are not of our side, each once."""
        found: dict[str, Party] = {}
        for one in people:
            value = one.value.lower()
            if value and not self.is_ours(value):
                found.setdefault(value, one)
        return list(found.values())


def our_side(accounts: Iterable[Account], agents: Iterable[Agent]) -> OurSide:
    """Our own addresses; also of accounts configured no longer, and agents who left (R43)."""
    mail = [account for account in accounts if account.can(Capability.GLOBAL_ADDRESSES)]
    return OurSide(
        {
            address.lower(): account.owner_id if account.role == "personal" else None
            for account in mail
            for address in account.addresses
        },
        {agent.email.lower(): agent.id for agent in agents if agent.email},
    )
