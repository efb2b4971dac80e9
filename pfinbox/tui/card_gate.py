"""The part of the gateway for cards (R26-R31)."""

from dataclasses import dataclass
from datetime import datetime

from pfinbox.services.comments import conversations
from pfinbox.services.comments.conversations import Way
from pfinbox.services.merging import contact_merging
from pfinbox.services.people import contacts, portal_view
from pfinbox.services.people.portal_view import Look
from pfinbox.store import read
from pfinbox.store.rows import ContactRow, LinePage
from pfinbox.store.uow import Store


@dataclass(frozen=True, slots=True)
class Card:
    """A card and the numbers and names of those merged into it."""

    contact: ContactRow
    inside: tuple[tuple[int, str], ...]


class CardGate:
    """Needs the store and the agent of the gateway it is a part of."""

    _store: Store
    agent_id: int

    async def card(self, contact_id: int) -> Card:
        async with self._store.read() as uow:
            contact = await read.contact(uow, self.agent_id, contact_id)
            return Card(contact, await read.cards_within(uow, contact_id))

    async def line(
        self, contact_id: int, *, after: tuple[datetime, int] | None = None, limit: int = 100
    ) -> LinePage:
        """The newest comments with a person in all tasks, or those before the key ``after``."""
        async with self._store.read() as uow:
            return await read.contact_line(uow, self.agent_id, contact_id, after=after, limit=limit)

    async def cards(self) -> tuple[ContactRow, ...]:
        """Cards to choose from, by name."""
        async with self._store.read() as uow:
            return await read.contacts(uow, self.agent_id, limit=1000)

    async def set_card(
        self,
        contact_id: int,
        *,
        notes: str | None = None,
        selectable: bool | None = None,
        portal: bool | None = None,
    ) -> None:
        """What is None stays. WouldReveal where access shows more than was ever sent (R39)."""
        me = self.agent_id
        await self._store.run(
            lambda uow: contacts.set_(
                uow,
                me,
                contact_id,
                notes=notes,
                selectable=selectable,
                portal=portal,
            )
        )

    async def ways(self, contact_id: int) -> list[Way]:
        """By which accounts a contact can be written to, or why not (R29)."""
        async with self._store.read() as uow:
            return await conversations.ways(uow, self.agent_id, contact_id)

    async def message(self, contact_id: int, account: str, title: str | None = None) -> int:
        """The task in which to write to a contact by this account."""
        me = self.agent_id
        return await self._store.run(
            lambda uow: conversations.message(uow, me, contact_id, account, title=title)
        )

    async def found_cards(self, query: str) -> tuple[ContactRow, ...]:
        """Cards with these words in the name, the company or an address, by name."""
        async with self._store.read() as uow:
            return await read.contacts(uow, self.agent_id, query=query, limit=100)

    async def ways_to(self, address: str) -> list[Way]:
        """By which accounts somebody can be written to whose e-mail address was typed."""
        async with self._store.read() as uow:
            return (await conversations.ways_to(uow, self.agent_id, address))[1]

    async def message_to(self, address: str, account: str, title: str) -> tuple[int, int]:
        """The task in which to write to an address, and its card."""
        me = self.agent_id
        return await self._store.run(
            lambda uow: conversations.message_to(uow, me, address, account, title=title)
        )

    async def looks(self, contact_id: int) -> dict[int, Look]:
        """Of each comment, by its id, whether this contact sees it and why (R37)."""
        async with self._store.read() as uow:
            found = await portal_view.portal_view(uow, self.agent_id, contact_id)
            return {look.comment_id: look for look in found}

    async def merge_cards(self, survivor_id: int, other_id: int) -> int:
        me = self.agent_id
        return await self._store.run(
            lambda uow: contact_merging.merge_contacts(uow, me, survivor_id, [other_id])
        )

    async def unmerge_card(self, contact_id: int) -> int:
        me = self.agent_id
        return await self._store.run(
            lambda uow: contact_merging.unmerge_contact(uow, me, contact_id)
        )
