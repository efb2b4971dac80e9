"""The other sides: clients by mail and by Telegram, and a shop's program."""

import asyncio
import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes

from tests.faults.shop import Shop
from tests.servers.bot_api import BotApi
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import SmtpServer

# Clients of each account.
CLIENTS = 3
# A client's relay tries again after so many seconds.
_AGAIN = 0.2


@dataclass(frozen=True, slots=True)
class Sides:
    """One for each account: support (mailbox, smtp), bot, and shop where the world has a door."""

    mailbox: Mailbox
    smtp: SmtpServer
    bot_api: BotApi
    shop: Shop | None = None

    @property
    def accounts(self) -> tuple[str, ...]:
        return ("support", "bot") if self.shop is None else ("support", "bot", "shop")

    async def say(self, account: str, name: str, client: int) -> None:
        """Returns when the message has been given to somebody who must not lose it."""
        if account == "bot":
            self.bot_api.clients.says(500 + client, name)
        elif account == "shop":
            assert self.shop is not None
            await self.shop.say(name, client)
        else:
            await asyncio.to_thread(self._mail, self.mail(name, client))

    def mail(self, name: str, client: int = 0) -> bytes:
        return (
            f"From: Client {client} <client{client}@client.example>\r\n"
            f"To: {self.mailbox.address}\r\nSubject: About {name.upper()}\r\n"
            f"Message-ID: <{name}@client.example>\r\n\r\n{name}\r\n"
        ).encode()

    def _mail(self, mail: bytes) -> None:
        """As a client's relay does: again, where the server is away."""
        while True:
            try:
                self.mailbox.deliver(mail)
            except (OSError, smtplib.SMTPException):
                time.sleep(_AGAIN)
            else:
                return

    def taken(self) -> Iterator[str]:
        """The text of everything that clients have got."""
        for mail in list(self.smtp.taken):
            yield _words(mail.content)
        for message in self.bot_api.sent:
            yield str(message.get("text", ""))
        if self.shop is not None:
            yield from self.shop.taken


def _words(mail: bytes) -> str:
    """The text of a mail of ours."""
    parts = message_from_bytes(mail).walk()
    contents = [
        part.get_payload(decode=True) for part in parts if part.get_content_type() == "text/plain"
    ]
    return " ".join(one.decode() for one in contents if isinstance(one, bytes))
