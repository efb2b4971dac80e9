"""What leaves for VK, and what its refusals mean (R11, R15, R19, R20, R24, R25)."""

import pytest

from pfinbox.channels.vk import ids
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import PermanentFailure, TemporaryFailure, UnknownOutcome
from pfinbox.domain.contract.files import File
from tests.channels.vk.conftest import KEY, Open, nothing, outgoing
from tests.servers.vk import Vk


async def test_r15_the_client_gets_the_text_and_nothing_else(
    vk_server: Vk, open_channel: Open
) -> None:
    vk_server.says("?")
    sent = await open_channel().send(outgoing("Да"), nothing)
    (message,) = vk_server.sent
    assert sent.source_id == f"42:{message['id']}"
    form = dict(vk_server.calls[-1][1])
    assert form.pop("random_id") == str(ids.random_id(KEY, "n1"))
    assert form.pop("v") == "5.199"
    assert form == {
        "peer_id": "42",
        "group_id": "345",
        "message": "Да",
        "dont_parse_links": "0",
        "disable_mentions": "1",
    }


async def test_r24_every_attempt_of_a_part_has_one_number(
    vk_server: Vk, open_channel: Open
) -> None:
    vk_server.says("?")
    vk_server.faults["messages.send"].append("cut")
    channel = open_channel()
    with pytest.raises(UnknownOutcome):
        await channel.send(outgoing(), nothing)
    again = await channel.send(outgoing(), nothing)
    assert [again.source_id] == [f"42:{one['id']}" for one in vk_server.sent]


async def test_our_numbers_are_known_and_others_are_not() -> None:
    ours = {ids.random_id(KEY, f"{n}") for n in range(50)}
    assert all(0 < one < 1 << 31 and ids.is_ours(KEY, one) for one in ours)
    assert sum(ids.is_ours(KEY, n * 7919) for n in range(5000)) < 5
    assert not any(ids.is_ours(b"other" * 8, one) for one in sorted(ours)[:20])


async def test_r19_a_quote_is_vk_s_own_reply(vk_server: Vk, open_channel: Open) -> None:
    asked = vk_server.says("?")
    await open_channel().send(outgoing(quote_source_id=f"42:{asked['id']}"), nothing)
    await open_channel().send(outgoing(quote_source_id="77:5"), nothing)
    assert [one.get("reply_message") for one in vk_server.sent] == [asked]
    assert "reply_to" not in vk_server.calls[-1][1]


async def test_r20_pictures_and_documents_are_uploaded_first(
    vk_server: Vk, open_channel: Open
) -> None:
    vk_server.says("?")
    files = (File("a.png", "image/png", b"png"), File('b"\n.pdf', "application/pdf", b"pdf"))
    await open_channel().send(outgoing(files=files), nothing)
    assert vk_server.calls[-1][1]["attachment"] == "photo-345_0,doc-345_1"
    assert [content for _name, content in vk_server.uploaded.values()] == [b"png", b"pdf"]


async def test_r24_a_file_in_vain_is_tried_again(vk_server: Vk, open_channel: Open) -> None:
    vk_server.faults["photos.getMessagesUploadServer"].append("cut")
    file = File("a.png", "image/png", b"png")

    async def never(_away: object = None, /) -> None:
        raise AssertionError("nothing has left")

    with pytest.raises(TemporaryFailure):
        await open_channel().send(outgoing(files=(file,)), never)
    # A refusal of the host of uploads is none of the key.
    vk_server.faults["upload"].append(401)
    with pytest.raises(TemporaryFailure):
        await open_channel().send(outgoing(files=(file,)), never)


@pytest.mark.parametrize(
    ("code", "kind", "writable"),
    [
        (900, "blocked_by_client", False),
        (901, "blocked_by_client", False),
        (902, "blocked_by_client", False),
        (18, "chat_gone", False),
        (936, "chat_gone", False),
        (950, "window_closed", True),
        (914, "text_too_long", True),
        (100, "rejected", True),
    ],
)
async def test_r25_refusals_say_why(
    vk_server: Vk, open_channel: Open, code: int, kind: str, writable: bool
) -> None:
    vk_server.faults["messages.send"].append(code)
    with pytest.raises(PermanentFailure) as failure:
        await open_channel().send(outgoing(), nothing)
    assert (failure.value.reason.kind, failure.value.chat_writable) == (kind, writable)


@pytest.mark.parametrize(("code", "after"), [(1, 1.0), (6, 1.0), (9, 60.0), (14, 60.0)])
async def test_r24_too_many_waits(
    vk_server: Vk, open_channel: Open, code: int, after: float
) -> None:
    vk_server.faults["messages.send"].append(code)
    with pytest.raises(TemporaryFailure) as failure:
        await open_channel().send(outgoing(), nothing)
    assert failure.value.retry_after == after


async def test_r11_what_was_sent_can_be_changed_and_taken_back(
    vk_server: Vk, open_channel: Open
) -> None:
    vk_server.says("?")
    channel = open_channel()
    files = (File("a.png", "image/png", b"png"), File("b.pdf", "application/pdf", b"pdf"))
    sent = await channel.send(outgoing("wnoe", files=files), nothing)
    change = Amendment(
        nonce="a1",
        kind=AmendmentKind.EDIT,
        chat_key="42",
        source_id=sent.source_id,
        text="one",
        captioned=True,
    )
    await channel.amend(change)
    edited = [(one["text"], one["attached"]) for one in vk_server.sent]
    assert edited == [("one", ["photo-345_0", "doc-345_1"])]
    taken = Amendment(
        nonce="a1", kind=AmendmentKind.DELETE, chat_key="42", source_id=sent.source_id
    )
    await channel.amend(taken)
    assert vk_server.sent == []
    await channel.show_writing("42")
    assert vk_server.calls[-1][1]["type"] == "typing"
