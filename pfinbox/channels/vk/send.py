"""Handing one part over, and changing what was sent.

https://dev.vk.com/en/method/messages.send, messages.edit, messages.delete
"""

import json
from typing import Any

from pfinbox.channels.http.connection import Broken
from pfinbox.channels.vk import ids
from pfinbox.channels.vk.api import VkApi
from pfinbox.channels.vk.upload import named as attachable
from pfinbox.channels.vk.upload import upload
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import Transmitting
from pfinbox.domain.contract.outgoing import Outgoing, Sent


async def send(
    api: VkApi, key: bytes, group_id: int, part: Outgoing, transmitting: Transmitting
) -> Sent:
    """See ``Channel.send``."""
    peer = part.chat_key or ""
    # No message has left yet: a file that was handed over in vain hurts nobody.
    with api.channel_errors():
        attachment = ",".join([await upload(api, peer, file) for file in part.files])
    await transmitting()
    with api.channel_errors(sending=True):
        answer = await api.method(
            "messages.send",
            peer_id=peer,
            group_id=group_id,
            random_id=ids.random_id(key, part.nonce),
            message=part.text,
            attachment=attachment or None,
            dont_parse_links=False,
            disable_mentions=True,
            **_quoted(peer, part.quote_source_id),
        )
        return _sent(peer, answer)


def _quoted(peer: str, source_id: str | None) -> dict[str, Any]:
    """VK's own reply; a message of another chat would show the client what is not theirs (R15)."""
    chat, _colon, name = (source_id or "").rpartition(":")
    if chat != peer or not name:
        return {}
    if name.startswith("c"):
        told = {"peer_id": int(peer), "conversation_message_ids": [int(name[1:])], "is_reply": True}
        return {"forward": json.dumps(told)}
    return {"reply_to": name}


def _sent(peer: str, answer: Any) -> Sent:
    """The message's number, or what is told for each of several peers."""
    if isinstance(answer, int) and not isinstance(answer, bool):
        return Sent(f"{peer}:{answer}")
    first = answer[0] if isinstance(answer, list) and answer else None
    if isinstance(first, dict) and (
        first.get("message_id") or first.get("conversation_message_id")
    ):
        told = {**first, "peer_id": peer, "id": first.get("message_id")}
        name = ids.source_id(told)
        number = first.get("conversation_message_id")
        also = (ids.by_number(peer, number),) if number and first.get("message_id") else ()
        return Sent(name, also=also)
    raise Broken("no number of the message")


async def _attached(api: VkApi, group_id: int, change: Amendment) -> str | None:
    """The files of a message, which an edit that does not name them may take away."""
    peer, _colon, name = change.source_id.rpartition(":")
    which = {"cmids": name[1:]} if name.startswith("c") else {"message_ids": name}
    answer = await api.method("messages.getById", peer_id=peer, group_id=group_id, **which)
    items = answer.get("items") if isinstance(answer, dict) else None
    files = items[0].get("attachments") if items else None
    known = [one for one in files or () if one["type"] in ("photo", "doc")]
    return ",".join(attachable(one["type"], one[one["type"]]) for one in known) or None


async def amend(api: VkApi, group_id: int, change: Amendment) -> None:
    """See ``Amending.amend``."""
    peer, _colon, name = change.source_id.rpartition(":")
    named = {"cmid": name[1:]} if name.startswith("c") else {"message_id": name}
    with api.channel_errors():
        if change.kind is AmendmentKind.EDIT:
            await api.method(
                "messages.edit",
                peer_id=peer,
                group_id=group_id,
                message=change.text,
                attachment=await _attached(api, group_id, change) if change.captioned else None,
                keep_forward_messages=True,
                keep_snippets=True,
                **named,
            )
        else:
            which = {"cmids": name[1:]} if name.startswith("c") else {"message_ids": name}
            await api.method(
                "messages.delete", peer_id=peer, group_id=group_id, delete_for_all=True, **which
            )
