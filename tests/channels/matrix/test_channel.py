"""What the channel does besides the suite, on a loopback homeserver."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pfinbox.channels.http.api import Refused
from pfinbox.channels.matrix import SPEC
from pfinbox.channels.matrix.api import MatrixApi
from pfinbox.channels.matrix.channel import MatrixChannel
from pfinbox.channels.matrix.device import Keeper
from pfinbox.channels.matrix.rooms import Rooms
from pfinbox.domain.contract.amending import Amendment, AmendmentKind
from pfinbox.domain.contract.channel import (
    AccountContext,
    AccountFailure,
    Capability,
    PermanentFailure,
)
from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.incoming import (
    ChatKeyChanged,
    ChatStarted,
    ChatState,
    Edit,
    Ignored,
    Message,
    Report,
)
from pfinbox.domain.contract.outgoing import Outgoing
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.settings import Secret, check
from pfinbox.errors import ConfigError
from tests.servers.matrix import Homeserver, Person

KEY = b"k" * 32
ENCRYPTION = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
Open = Callable[..., MatrixChannel]


def settings(us: Person, **given: Any) -> dict[str, Any]:
    given = {"homeserver": us.base, "user": us.user, "max_file": 1, "encryption": False, **given}
    if "password" not in given:
        given.setdefault("access_token", us.token)
    return check(
        given,
        SPEC.settings,
        where="accounts.matrix",
        source="test",
        secret=lambda value, _: Secret(str(value)),
    )


def outgoing(chat_key: str | None, text: str = "Да", **more: Any) -> Outgoing:
    now = datetime.now(UTC)
    given = {"to": (), "created_at": now, "nonce": "n1", **more}
    return Outgoing(chat_key=chat_key, text=text, **given)


async def nothing(_turned_away: object = None, /) -> None:
    """Nothing has to be written down."""


@pytest.fixture
async def open_channel() -> AsyncIterator[Open]:
    opened: list[MatrixChannel] = []

    def make(us: Person, folder: Path | None = None, **given: Any) -> MatrixChannel:
        context = AccountContext("matrix", settings(us, **given), KEY, folder=folder)
        opened.append(MatrixChannel(context, wait=0))
        return opened[-1]

    yield make
    for channel in opened:
        await channel.close()


@pytest.fixture
async def people(matrix_server: Homeserver) -> AsyncIterator[tuple[Person, Person, Person]]:
    """Our user, a client, and another one."""
    three = [matrix_server.person(name) for name in ("us", "maria", "otto")]
    yield three[0], three[1], three[2]
    for one in three:
        await one.close()


async def news(channel: MatrixChannel, cursor: str | None) -> tuple[list[Any], str | None]:
    """Everything until nothing more waits, and the cursor after it."""
    found: list[Any] = []
    async for batch in channel.receive(cursor):
        found += [item.event for item in batch.items]
        cursor = batch.cursor
        if batch.idle:
            break
    return found, cursor


async def test_invitations_are_taken_within_limits(
    open_channel: Open, people: tuple[Person, Person, Person]
) -> None:
    """R42: whoever invites is a card with a chat; a stranger's invitation is not taken."""
    us, maria, otto = people
    choosy = open_channel(us, accept=["@maria:loopback"], invitations=2)
    first = await maria.invites(us.user)
    await otto.invites(us.user)
    found, cursor = await news(choosy, None)
    assert [(one.chat_key, one.sender.value) for one in found] == [(first, maria.user)]
    assert isinstance(found[0], ChatStarted)
    rooms = [await maria.invites(us.user) for _ in range(2)]
    found, cursor = await news(choosy, cursor)
    assert [one.chat_key for one in found] == rooms[:1]
    # The third waits for another hour, over a restart too.
    other = open_channel(us, accept=["loopback"])
    found, cursor = await news(other, cursor)
    assert [one.chat_key for one in found] == rooms[1:]
    # A public room is no talk with a client.
    public = {"type": "m.room.join_rules", "content": {"join_rule": "public"}}
    await maria.invites(us.user, initial_state=[public])
    assert (await news(other, cursor))[0] == []


async def test_a_room_with_encryption_is_a_visible_warning(
    matrix_server: Homeserver, open_channel: Open, people: tuple[Person, Person, Person]
) -> None:
    """R24, R25: never silence, and nothing goes there in clear text."""
    us, maria, _otto = people
    channel = open_channel(us)
    room = await maria.invites(us.user, initial_state=[ENCRYPTION])
    _found, cursor = await news(channel, None)
    await maria.sends(room, "m.room.encrypted", {"ciphertext": "…", "session_id": "s"})
    (message,), cursor = await news(channel, cursor)
    assert isinstance(message, Message)
    assert message.text == "🔒"
    assert [one.kind for one in message.warnings] == ["encryption_missing"]
    with pytest.raises(PermanentFailure) as refused:
        await channel.send(outgoing(room), nothing)
    assert refused.value.reason.kind == "encrypted_room"
    # After a restart nothing is remembered, and a homeserver that does not say is no "no".
    again = open_channel(us)
    for fault in ("M_FORBIDDEN", None):
        matrix_server.faults["state"] += [fault] if fault else []
        with pytest.raises(PermanentFailure):
            await again.send(outgoing(room), nothing)
    # Nor is a key shared with nobody.
    api = MatrixApi(settings(us), Keeper(None, None))
    matrix_server.faults["members"].append("M_FORBIDDEN")
    with pytest.raises(Refused):
        await Rooms(api).readers(room)
    assert await Rooms(api).readers(room) == [maria.user, us.user]
    await api.close()
    # A room that was not encrypted when we looked is known to be so from then on.
    later = await maria.invites(us.user)
    _found, cursor = await news(channel, cursor)
    await channel.send(outgoing(later), nothing)
    await maria.makes(later, "m.room.encryption", {"algorithm": "x"})
    _found, cursor = await news(channel, cursor)
    with pytest.raises(PermanentFailure):
        await channel.send(outgoing(later, nonce="n2"), nothing)


async def test_r29_we_can_write_first_and_only_one_room_is_made(
    matrix_server: Homeserver, open_channel: Open, people: tuple[Person, Person, Person]
) -> None:
    us, maria, _otto = people
    channel = open_channel(us)
    _found, cursor = await news(channel, None)
    first = outgoing(maria.user, "Hello")
    # The homeserver's answer about the new room is lost: the next sync tells of it.
    matrix_server.faults["createRoom"].append("garbage")
    with pytest.raises(Exception, match="cannot be reached"):
        await channel.send(first, nothing)
    _found, cursor = await news(channel, cursor)
    sent = await channel.send(first, nothing)
    again = await channel.send(first, nothing)
    (room,) = matrix_server.rooms
    assert (sent.chat_key, again.source_id) == (room, sent.source_id)
    await maria.joins(room)
    texts = [one["content"].get("body") for one in await maria.events(room)]
    assert [one for one in texts if one] == ["Hello"]
    # After a restart it is known where we talk.
    second = outgoing(None, "And?", to=(Party(maria.user),), nonce="n2")
    assert (await open_channel(us).send(second, nothing)).chat_key == room
    # A room that one of us two has left is no place to talk in.
    for left in (maria, us):
        await left.leaves(room)
        sent = await channel.send(second, nothing)
        assert sent.chat_key not in (None, room)
        room = str(sent.chat_key)
        await maria.joins(room)
    assert len(matrix_server.rooms) == 3


async def test_who_comes_and_goes_and_where_a_room_goes_on(
    open_channel: Open, people: tuple[Person, Person, Person]
) -> None:
    """R24, R25: a chat whose client has left cannot be written to; it may go on elsewhere."""
    us, maria, otto = people
    channel = open_channel(us)
    room = await maria.invites(us.user, otto.user)
    await otto.joins(room)
    _found, cursor = await news(channel, None)
    await otto.says(room, "there are three of us")
    await otto.leaves(room)
    await maria.called("Maria")
    found, cursor = await news(channel, cursor)
    assert [type(one) for one in found] == [Message, Ignored]
    await maria.leaves(room)
    (left,), cursor = await news(channel, cursor)
    await maria.joins(room)
    (back,), cursor = await news(channel, cursor)
    assert (left.writable, back.writable) == (False, True)
    # Where it goes on, the new room says, too: else an answer could be led to another client (R15).
    others = await otto.invites(us.user)
    _found, cursor = await news(channel, cursor)
    end = {"replacement_room": others}
    await maria.sends(room, "m.room.tombstone", end)
    await maria.makes(room, "m.room.tombstone", end)
    found, cursor = await news(channel, cursor)
    assert [type(one) for one in found] == [Ignored, Ignored]
    before = {"predecessor": {"room_id": room}}
    new = await maria.invites(us.user, creation_content=before)
    await maria.makes(room, "m.room.tombstone", {"replacement_room": new})
    found, cursor = await news(channel, cursor)
    assert [one.new_key for one in found if isinstance(one, ChatKeyChanged)] == [new]
    # Nobody is told what we say to ourselves.
    await us.says(await us.invites(), "a note")
    assert [type(one) for one in (await news(channel, cursor))[0]][-1] is Ignored
    _found, cursor = await news(channel, cursor)
    await maria.says(room, "by a program", msgtype="m.notice")
    (notice,), cursor = await news(channel, cursor)
    assert notice.no_auto_reply
    await us.leaves(room)
    (state,), cursor = await news(channel, cursor)
    assert isinstance(state, ChatState)
    assert not state.writable


async def test_another_picture_of_a_person_is_noticed(
    open_channel: Open, people: tuple[Person, Person, Person]
) -> None:
    us, maria, _otto = people
    channel = open_channel(us)
    await maria.invites(us.user)
    _found, cursor = await news(channel, None)
    _found, cursor = await news(channel, cursor)
    assert list(channel.redrawn()) == []
    await maria.looks(b"a picture")
    await news(channel, cursor)
    assert list(channel.redrawn()) == [maria.user]
    assert list(channel.redrawn()) == []


async def test_r11_only_its_author_edits_a_message(
    matrix_server: Homeserver, open_channel: Open, people: tuple[Person, Person, Person]
) -> None:
    us, maria, otto = people
    channel = open_channel(us, typing=True)
    room = await maria.invites(us.user, otto.user)
    await otto.joins(room)
    _found, cursor = await news(channel, None)
    said = await maria.says(room, "mine")
    await otto.edits(room, said, "not mine")
    await maria.edits(room, said, "still mine")
    found, cursor = await news(channel, cursor)
    assert [type(one) for one in found] == [Message, Ignored, Edit]
    await channel.mark_read(room, said)
    marks = [user for _pos, _event, user in matrix_server.rooms[room].receipts]
    assert set(marks) == {us.user}
    await channel.show_writing(room)
    assert matrix_server.typing == [{"typing": True, "timeout": 10_000}]
    own = await channel.send(outgoing(room, "**Yes**"), nothing)
    change = Amendment(
        nonce="a1", kind=AmendmentKind.EDIT, chat_key=room, source_id=own.source_id, text="No"
    )
    # An attempt is repeated; an earlier wording that comes back is another change.
    for again in (change, change, replace(change, nonce="a2", text="Yes"), change):
        await channel.amend(again)
    await channel.amend(replace(change, nonce="a3"))
    edits = [e for e in await maria.events(room) if "m.new_content" in e["content"]]
    bodies = [e["content"]["m.new_content"]["body"] for e in edits if e["sender"] == us.user]
    assert bodies == ["No", "Yes", "No"]
    gone = Amendment(nonce="a1", kind=AmendmentKind.DELETE, chat_key=room, source_id=own.source_id)
    await channel.amend(gone)
    await channel.amend(gone)
    assert not [e for e in await maria.events(room) if e["event_id"] == own.source_id]


async def test_r24_a_room_that_is_refused_stops_no_other_and_is_named(
    matrix_server: Homeserver, open_channel: Open, people: tuple[Person, Person, Person]
) -> None:
    """R24: reading one message means having read all that was there when it was sent."""
    us, maria, _otto = people
    channel = open_channel(us)
    room, other = [await maria.invites(us.user) for _ in range(2)]
    _found, cursor = await news(channel, None)
    for n in range(12):
        await maria.says(room, str(n))
    last = await maria.says(other, "other room")
    await maria.reads(other, last)
    matrix_server.faults["messages"].append("M_FORBIDDEN")
    found, cursor = await news(channel, cursor)
    words = [one.text for one in found if isinstance(one, Message)]
    assert words == [*(str(n) for n in range(2, 12)), "other room"]
    (missing,) = [one for one in found if isinstance(one, Gap)]
    assert (missing.chat_key, missing.reason.kind) == (room, "history_refused")
    (seen,) = [one for one in found if isinstance(one, Report)]
    assert (seen.source_id, seen.chat_key) == (last, other)
    assert seen.until is not None
    assert seen.until <= seen.at
    await maria.says(room, "next")
    found, _cursor = await news(channel, cursor)
    assert [one.text for one in found] == ["next"]


async def test_a_device_stays_the_same_and_doctor_leaves_none(
    matrix_server: Homeserver,
    open_channel: Open,
    people: tuple[Person, Person, Person],
    tmp_path: Path,
) -> None:
    us, _maria, otto = people
    folder = tmp_path / "account"
    channel = open_channel(us, folder, password="password")
    _found, cursor = await news(channel, None)
    first = (folder / "device.json").read_text()
    # Signed out by somebody else: the same device signs in again.
    (token,) = [one for one in matrix_server.tokens if "DEVICE" in one]
    del matrix_server.tokens[token]
    await news(open_channel(us, folder, password="password"), cursor)
    assert matrix_server.calls.count("login") == 2
    second = (folder / "device.json").read_text()
    assert first != second
    assert first[: first.index('"token"')] == second[: second.index('"token"')]
    trying = open_channel(us, password="password")
    findings = await trying.probe()
    await trying.close()
    assert [one.subject for one in findings] == [us.user]
    assert len([one for one in matrix_server.tokens if "DEVICE" in one]) == 1
    small = await open_channel(us, max_file=50).probe()
    assert [one.reason.kind for one in small if one.reason] == ["server_takes_less"]
    (wrong,) = await open_channel(us, password="wrong").probe()
    assert wrong.reason is not None
    assert wrong.reason.kind == "auth_failed"
    assert "wrong" not in str(wrong)
    for wrong_token in ("none", otto.token):
        with pytest.raises(AccountFailure):
            await news(open_channel(us, access_token=wrong_token), None)


async def test_a_token_that_runs_out_is_renewed_and_kept(
    matrix_server: Homeserver,
    open_channel: Open,
    people: tuple[Person, Person, Person],
    tmp_path: Path,
) -> None:
    """Over a restart, for whoever waits, and while files are fetched; doctor renews nothing."""
    us, maria, _otto = people
    room = await maria.invites(us.user)
    matrix_server.refreshing["r0"] = (us.user, us.token)
    given = {"access_token": us.token, "refresh_token": "r0"}
    folder = tmp_path / "account"

    def runs_out() -> None:
        for token in [one for one, user in matrix_server.tokens.items() if user == us.user]:
            del matrix_server.tokens[token]

    channel = open_channel(us, folder, **given)
    _found, cursor = await news(channel, None)
    runs_out()
    url = await maria.uploads(b"a file", "text/plain")
    await maria.says(room, "see", msgtype="m.file", url=url, filename="a.txt")
    (message,), cursor = await news(channel, cursor)
    assert [file.content for file in message.files] == [b"a file"]
    runs_out()
    await channel.send(outgoing(room), nothing)
    runs_out()
    for again in (channel, open_channel(us, folder, **given)):
        await maria.says(room, "and now?")
        found, cursor = await news(again, cursor)
        assert found[-1].text == "and now?"
    assert matrix_server.calls.count("refresh") == 3
    assert matrix_server.calls.count("login") == 0
    runs_out()
    (finding,) = await open_channel(us, **given).probe()
    assert finding.ok
    assert finding.reason is not None
    assert finding.reason.kind == "token_ran_out"
    matrix_server.refreshing.clear()
    with pytest.raises(AccountFailure):
        await news(open_channel(us, folder, **given), cursor)


async def test_r25_what_the_rights_of_a_room_forbid_is_known_before_sending(
    matrix_server: Homeserver, open_channel: Open, people: tuple[Person, Person, Person]
) -> None:
    us, maria, _otto = people
    channel = open_channel(us)
    usual: dict[str, Any] = {"users": {maria.user: 100}}
    reading = {**usual, "events_default": "50"}
    state = {"type": "m.room.power_levels", "content": reading}
    room = await maria.invites(us.user, initial_state=[state])
    await maria.invites(us.user, initial_state=[{**state, "content": usual}])
    found, cursor = await news(channel, None)
    assert [type(one) for one in found] == [ChatStarted, ChatStarted, ChatState]
    assert (found[-1].chat_key, found[-1].writable) == (room, False)
    assert found[-1].reason.kind == "may_only_read"
    after = []
    encrypted = {**usual, "events": {"m.room.encrypted": 1}}
    for given in ({**reading, "users": {us.user: 50}}, encrypted, usual):
        await maria.makes(room, "m.room.power_levels", given)
        found, cursor = await news(channel, cursor)
        after += [one.writable for one in found]
    assert after == [True, False, True]
    # Whoever has made a room of a later version may do everything in it.
    made = await us.invites(maria.user, creation_content={"room_version": "12"})
    await us.makes(made, "m.room.power_levels", {"events_default": 50})
    found, _cursor = await news(channel, cursor)
    assert not [one for one in found if isinstance(one, ChatState) and not one.writable]


def test_settings_and_addresses() -> None:
    us = Person("http://127.0.0.1", "@us:e.org", "", "t")
    assert SPEC.normalise(" @Maria:Example.ORG ") == "@Maria:example.org"
    assert SPEC.normalise("https://matrix.to/#/%40maria%3Ae.org?via=x") == "@maria:e.org"
    with pytest.raises(ValueError, match="like @maria"):
        SPEC.normalise("maria")
    for wrong in (
        {"user": "us"},
        {"homeserver": "e.org"},
        {"password": "x", "access_token": "y"},
        {"password": "x", "refresh_token": "y"},
    ):
        with pytest.raises(ConfigError):
            settings(us, **wrong)
    assert SPEC.adapt is not None
    able, limits = SPEC.adapt(settings(us, typing=True), SPEC.capabilities, SPEC.limits)
    assert Capability.TYPING in able
    assert limits.max_file == 1 << 20


async def test_the_wizard_asks_and_proposes_where_the_homeserver_is() -> None:
    asked = SPEC.setup()
    assert [page.questions[0].name for page in asked.pages] == ["user", "homeserver", "password"]
    assert asked.suggest is not None
    # Nobody answers there, so that the server itself is the likely one.
    found = await asked.suggest({"user": "@us:127.0.0.1:1"})
    answers = {"user": "@us:127.0.0.1:1", "password": "secret", **found.answers}
    assert asked.settings(answers) == {
        "homeserver": "https://127.0.0.1:1",
        "user": "@us:127.0.0.1:1",
        "password": "secret",
    }
