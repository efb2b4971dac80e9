"""Who wrote: the card of a message's sender, made by itself for an unknown one (R2, R27, R48)."""

from dataclasses import replace

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Message
from pfinbox.domain.contract.party import Party
from pfinbox.domain.inbound.threading import chat_of_token
from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.domain.people.cards import Sender, display, scope, usable
from pfinbox.domain.text.cleaning import clean_line


def known(ws: WorkingSet, party: Party) -> Sender | None:
    """The sender's card, if there is one yet."""
    value = usable(party)
    return ws.people.get(value) if value is not None else None


def proven(ws: WorkingSet, message: Message) -> Sender | None:
    """Whoever answers the mail that we sent to an address left in a chat: it is the contact's.

    Nobody else knows the signed address that the mail is answered to.
    """
    value = usable(message.sender)
    if value is None or value in ws.people or value in ws.on_cards:
        return None
    for token in (*message.tokens, *message.id_tokens):
        chat = ws.chats.get(chat_of_token(token) or 0)
        if chat is not None and chat.left_address == value:
            address_id = _add_address(ws, chat.card_id, value, None, main=False)
            found = replace(chat.client, address_id=address_id, value=value)
            ws.people[value] = found
            return found
    return None


def find_or_make(ws: WorkingSet, party: Party) -> Sender:
    """The card with this address, else a new one.

    A sender without a usable address is nobody whom we know: a card for this message alone.
    """
    found = known(ws, party)
    username = clean_line(party.username) if party.username else None
    if found is not None and found.address_id is not None:
        if username and username != found.username:
            ws.change("address", found.address_id, username=username)
            ws.decided.renamed_contacts.add(found.contact_id)
            found = replace(found, username=username)
            ws.people[clean_line(party.value)] = found
        return found
    # Who became known by an account is known to its agents (R46).
    contact_id = ws.make(
        "contact",
        name=clean_line(party.name) or display(party),
        created_at=ws.now,
        account_id=ws.account.id,
    )
    ws.decided.topics.add("contacts")
    value = usable(party)
    if value is None:
        return Sender(contact_id, contact_id, None, blocked=False, known=False)
    address_id = _add_address(ws, contact_id, value, username, main=True)
    new = Sender(
        contact_id,
        contact_id,
        address_id,
        blocked=False,
        known=False,
        value=value,
        username=username,
    )
    ws.people[value] = replace(new, known=True)
    return new


def _add_address(
    ws: WorkingSet, card_id: int, value: str, username: str | None, *, main: bool
) -> int:
    if ws.account.can(Capability.GLOBAL_ADDRESSES):
        ws.on_cards.add(value)
    ws.decided.topics.add("contacts")
    return ws.make(
        "address",
        contact_id=card_id,
        channel=ws.account.channel,
        scope=scope(ws.account),
        value=value,
        username=username,
        main=main,
    )
