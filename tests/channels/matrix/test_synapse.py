"""Against a real homeserver: what a loopback one could only be thought to do."""

import stat
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from sqlalchemy import select

from pfinbox.demo.pictures import face
from pfinbox.domain.contract.files import File
from pfinbox.errors import Refused
from pfinbox.store import tables as t
from pfinbox.tui.files.preview import image_size
from tests.channels.conformance.running import Account
from tests.channels.matrix.conftest import Make
from tests.servers.synapse import PASSWORD, Synapse

ENCRYPTION = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}
pytestmark = pytest.mark.synapse


@pytest.fixture
def kind() -> str:
    """What a store makes of it has tests of its own, on each database."""
    return "sqlite"


@pytest.fixture
def element() -> Any:
    """Who talks in secret, by a library that takes half a second to import."""
    from tests.servers.matrix import element

    return element


async def rows(account: Account) -> list[tuple[str, str]]:
    """Every comment as (direction, text), in their order."""
    query = select(t.comment.c.direction, t.comment.c.text)
    async with account.inbox.store.read() as uow:
        order = (t.comment.c.created_at, t.comment.c.id)
        found = await uow.connection.execute(query.order_by(*order))
        return [(row.direction, row.text) for row in found]


async def reactions(account: Account) -> list[Any]:
    """What stands at our comments."""
    query = select(t.comment.c.reactions).where(t.comment.c.direction == "outgoing")
    async with account.inbox.store.read() as uow:
        return [one for one in await uow.connection.scalars(query) if one]


async def test_a_conversation(synapse: Synapse, account_of: Make, tmp_path: Path) -> None:
    """R4, R11, R12, R19, R20, R24, R43: said before and after the invitation was taken, a gap,
    edits, deletions, reactions, quotes, files, and answers from another program.
    """
    us, maria = synapse.person("support"), synapse.person("maria")
    account: Account = await account_of(us, password=PASSWORD)
    await us.sign_in()
    await maria.sign_in()
    await maria.called("Мария")
    await maria.looks(face("maria"))
    assert await account.receive()
    room = await maria.invites(us.user)
    for n in range(4):
        await maria.says(room, f"before {n}")
    assert await account.receive()
    assert await account.texts() == [f"before {n}" for n in range(4)]
    assert await account.count(t.task) == 1
    await account.fetch_pictures()
    # The server makes a picture of its own of it.
    kind, content = await account.picture() or ("", b"")
    assert (kind, image_size(content)) == ("image/png", ("PNG", 160, 160))
    (told,) = (tmp_path / "account").glob("device.json")
    assert stat.S_IMODE(told.stat().st_mode) == 0o600
    kept = told.read_bytes()

    # After a restart it is the same device, and what a limited timeline leaves out is fetched.
    for n in range(4):
        await maria.says(room, f"while away {n}")
    assert await account.receive()
    texts = await account.texts()
    assert texts[4:] == [f"while away {n}" for n in range(4)]
    assert told.read_bytes() == kept
    devices = (await us.call("GET", "/devices"))["devices"]
    assert len(devices) == 2

    # An edit, a file with a caption, a reaction that is taken back, and a deletion.
    named = await maria.says(room, "Helo")
    await maria.edits(room, named, "Hello")
    url = await maria.uploads(b"pdf" * 100, "application/pdf")
    given = {"msgtype": "m.file", "url": url, "filename": "счёт.pdf"}
    await maria.says(room, "the bill", **given)
    gone = await maria.says(room, "gone")
    await maria.redacts(room, gone)
    assert await account.receive()
    assert (await account.texts())[8:] == ["Hello", "the bill", ""]

    await account.answer("Да", attachments=(File("ответ.txt", "text/plain", b"yes"),))
    await account.send(crash=True)
    await account.later()
    await account.send()
    answers = [one for one in await maria.events(room) if one["sender"] == us.user]
    (answer,) = [one for one in answers if one["type"] == "m.room.message"]
    assert answer["content"]["body"] == "Да"
    assert answer["content"]["filename"] == "ответ.txt"
    assert await maria.downloads(answer["content"]["url"]) == b"yes"
    # Our own answer is known as such in a gap, too.
    for n in range(4):
        await maria.says(room, f"and {n}")
    reaction = await maria.reacts(room, answer["event_id"], "👍")
    await maria.reads(room, answer["event_id"])
    about = {"m.in_reply_to": {"event_id": answer["event_id"]}}
    await maria.says(room, f"> <{us.user}> Да\n\nThanks", **{"m.relates_to": about})
    assert await account.receive()
    assert (await account.comments())[-1].text == "Thanks"
    assert [text for direction, text in await rows(account) if direction == "outgoing"] == ["Да"]
    assert "👍" in str(await reactions(account))
    async with account.inbox.store.read() as uow:
        assert await uow.connection.scalar(select(t.delivery.c.seen_at)) is not None
    await maria.redacts(room, reaction)

    # The other program's words are ours, and nobody's task.
    await us.says(room, "From Element")
    assert await account.receive()
    assert await reactions(account) == []
    assert (await rows(account))[-1] == ("outgoing", "From Element")
    assert await account.count(t.task) == 1
    await us.close()
    await maria.close()


async def test_a_token_that_runs_out_and_a_room_for_reading(
    synapse: Synapse, account_of: Make
) -> None:
    """R25: the same device goes on by another token; what may not be written is told before."""
    us, maria = synapse.person("renewed"), synapse.person("olga")
    await maria.sign_in()
    given = await us.sign_in(refresh_token=True)
    account: Account = await account_of(
        us, access_token="one that ran out", refresh_token=given["refresh_token"]
    )
    assert await account.receive()
    rights = {"events_default": 50}
    room = await maria.invites(us.user, power_level_content_override=rights)
    await maria.says(room, "read this")
    # A restart: the token that was kept is good.
    assert await account.receive()
    assert await account.receive()
    with pytest.raises(Refused):
        await account.answer()
    levels = await maria.call("GET", f"/rooms/{room}/state/m.room.power_levels")
    await maria.makes(room, "m.room.power_levels", levels | {"events_default": 0})
    assert await account.receive()
    await account.answer()
    await account.send()
    assert await account.states() == ["sent"]
    devices = await maria.call("POST", "/keys/query", {"device_keys": {us.user: []}})
    assert list(devices["device_keys"][us.user]) == [given["device_id"]]
    await us.close()
    await maria.close()


async def test_an_encrypted_room(
    synapse: Synapse, account_of: Make, element: Any, tmp_path: Path
) -> None:
    """R12, R20, R24: two devices; what is said while the daemon is away is read after a restart."""
    us, person = synapse.person("secret"), synapse.person("eva")
    account: Account = await account_of(us, password=PASSWORD)
    assert await account.receive()
    await person.sign_in()
    room = await person.invites(us.user, initial_state=[ENCRYPTION])
    assert await account.receive()
    eva = element.Element(person, tmp_path / "eva")
    await eva.sign_in()
    said = await eva.says(room, "between us")
    assert await account.receive()
    await eva.says(room, "and after a restart")
    hidden, opens = element.encrypt_attachment(b"secret file")
    url = await person.uploads(hidden, "application/octet-stream")
    file = {"msgtype": "m.file", "body": "a.bin", "file": {**opens, "url": url}}
    await eva.sends(room, file)
    # What no homeserver has allowed takes nobody's words away.
    gone = {"redacts": said}
    await eva.client.room_send(room, "m.room.redaction", gone, ignore_unverified_devices=True)
    assert await account.receive()
    assert await account.texts() == ["between us", "and after a restart", ""]
    assert not any(one.deleted_at for one in await account.comments())
    async with account.inbox.store.read() as uow:
        sizes = await uow.connection.scalars(select(t.attachment.c.size))
        assert [*sizes] == [len(b"secret file")]
    # The homeserver has looked at the signatures: our identity vouches for the device.
    told = await person.call("POST", "/keys/query", {"device_keys": {us.user: []}})
    (device,) = told["device_keys"][us.user].values()
    (signer,) = told["self_signing_keys"][us.user]["keys"]
    assert signer in device["signatures"][us.user]
    (keys,) = (tmp_path / "account").glob("keys.sqlite")
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600

    await account.answer("for your eyes", attachments=(File("b.txt", "text/plain", b"yes"),))
    await account.send(crash=True)
    await account.later()
    await account.send()
    assert await account.states() == ["sent"]
    await eva.look()
    (answer,) = [one for one in eva.clear.values() if one.get("filename") == "b.txt"]
    assert answer["body"] == "for your eyes"
    secret = answer["file"]
    sealed = await person.downloads(secret["url"])
    key, digest = secret["key"]["k"], secret["hashes"]["sha256"]
    assert element.decrypt_attachment(sealed, key, digest, secret["iv"]) == b"yes"
    # Nothing of it was told to the homeserver.
    assert "for your eyes" not in str(await person.events(room))
    assert await account.receive()
    assert len(await rows(account)) == 4

    # After a restore elsewhere it is a new device, and the same identity vouches for it.
    rmtree(tmp_path / "account")
    assert await account.receive()
    told = await person.call("POST", "/keys/query", {"device_keys": {us.user: []}})
    devices = told["device_keys"][us.user].values()
    assert [signer in one["signatures"][us.user] for one in devices] == [True, True]
    await eva.look()
    await eva.says(room, "are you back?")
    assert await account.receive()
    assert (await account.texts())[-1] == "are you back?"
    await eva.close()
    await person.close()


async def test_a_key_that_comes_late(
    synapse: Synapse, account_of: Make, element: Any, tmp_path: Path
) -> None:
    """R11, R12: never silence; the words take the place of the sign when the key is there. That
    another program has made our identity before is said, too.
    """
    us, person = synapse.person("late"), synapse.person("ewa")
    account: Account = await account_of(us, password=PASSWORD)
    await person.sign_in()
    await us.sign_in()
    keys = {f"{usage}_key": usage for usage in ("master", "self_signing")}
    another = {name: element.Signer("another", us.user, usage) for name, usage in keys.items()}
    signed = another["master_key"].signed(another["self_signing_key"].object())
    body = {"master_key": another["master_key"].object(), "self_signing_key": signed}
    await us.call("POST", "/keys/device_signing/upload", body)
    room = await person.invites(us.user, initial_state=[ENCRYPTION])
    assert await account.receive()
    ewa = element.Element(person, tmp_path / "ewa")
    await ewa.sign_in()
    share = ewa.withholds(room)
    await ewa.says(room, "later")
    assert await account.receive()
    (row,) = await account.comments()
    assert (row.text, row.warnings[0]["kind"]) == ("🔒", "encrypted_no_key")
    await share(us.user)
    assert await account.receive()
    assert await account.texts() == ["later"]
    async with account.inbox.store.read() as uow:
        detail = await uow.connection.scalar(select(t.account.c.detail))
    assert "device_alone" in str(detail)
    await us.close()
    await ewa.close()
    await person.close()
