"""``pfinbox outbox`` and ``quarantine``: what needs a person (R18, R24)."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from pfinbox.domain.contract.incoming import Incoming, Unreadable
from pfinbox.domain.contract.reason import Reason
from pfinbox.services.outbound import restore_guard
from pfinbox.store import tables as t
from tests.builders import Inbox, client
from tests.cli.conftest import Cli, on_both
from tests.daemon.test_sender import a_sender


async def stuck(inbox: Inbox) -> None:
    """One delivery that failed and one that waits for its moment."""
    await inbox.says("Hello?")
    await inbox.comment(1, "failed", to=[client(1)])
    moment = inbox.clock.now + timedelta(days=30)
    await inbox.comment(1, "scheduled", to=[client(1)], send_at=moment)
    async with inbox.store.write() as uow:
        error = {"kind": "server_error", "args": {"detail": "403"}}
        await uow.connection.execute(
            update(t.delivery).where(t.delivery.c.id == 1).values(state="failed", error=error)
        )
        await uow.commit()


@on_both
def test_the_outbox_has_the_promised_shape_r24(cli: Cli) -> None:
    cli.inbox(stuck)
    first, second = cli.json("outbox", "list")
    assert set(first) == {
        "id",
        "task_id",
        "comment_id",
        "recipient",
        "account",
        "channel",
        "address",
        "state",
        "attempts",
        "error",
        "source_id",
        "due_at",
        "sent_at",
    }
    assert (first["state"], first["task_id"], first["comment_id"]) == ("failed", 1, 2)
    assert first["error"] == {"kind": "server_error", "args": {"detail": "403"}}
    assert second["state"] == "scheduled"
    assert [d["id"] for d in cli.json("outbox", "list", "--state", "scheduled")] == [2]
    assert len(cli.json("outbox", "list", "--task", 1)) == 2
    assert "403" in cli("outbox", "list").out
    cli("outbox", "list", "--state", "lost", code=2)


def test_each_verb_changes_its_delivery_r18_r24(cli: Cli) -> None:
    cli.inbox(stuck)
    assert cli.json("outbox", "dismiss", 1)["state"] == "failed"
    assert cli.json("outbox", "list")[0]["id"] == 2
    assert cli.json("outbox", "retry", 1)["state"] == "pending"
    assert "pending" in cli("outbox", "retry", 1, code=6).err
    assert cli.json("outbox", "withdraw", 1)["state"] == "withdrawn"
    cli.json("outbox", "edit", 2, "--text", "Better")
    assert cli.json("task", "show", 1)["comments"][2]["text"] == "Better"
    assert cli.json("outbox", "send-now", 2)["state"] == "pending"
    cli("outbox", "edit", 2, code=2)
    cli("outbox", "retry", 99, code=5)


@on_both
def test_a_delivery_known_to_have_arrived_is_marked_r24(cli: Cli) -> None:
    cli.inbox(stuck)
    assert cli.json("outbox", "mark-sent", 1)["state"] == "sent"


def test_another_moment_is_said_back_r18(cli: Cli) -> None:
    cli.inbox(stuck)
    moment = datetime.now(UTC) + timedelta(days=2)
    moved = cli.json("outbox", "reschedule", 2, moment.isoformat())
    assert datetime.fromisoformat(moved["due_at"]) == moment
    assert "09:00" in cli("outbox", "reschedule", 2, "tomorrow", "at", "9").out
    cli("outbox", "reschedule", 2, "2020-01-01", "9:00", code=6)


def test_send_anyway_is_for_the_moment_and_force_for_the_news_r18(cli: Cli) -> None:
    cli.inbox(lambda inbox: inbox.says("Hello?"))
    to_maria = ("task", "comment", 1, "--notify", "client")
    moment = datetime.now(UTC) + timedelta(hours=2)
    later = (*to_maria, "--send-at", moment.isoformat(), "--text")
    cli(*later, "held")
    cli(*later, "anyway", "--send-anyway")
    cli(*later, "changed")
    cli("outbox", "reschedule", 3, moment.isoformat(), "--send-anyway")
    cli.inbox(lambda inbox: inbox.says("Forget it"))
    assert "--send-at" in cli(*to_maria, "--text", "x", "--send-anyway", code=2).err
    assert "--force goes on" in cli(*later, "x", "--seen", 1, "--send-anyway", code=6).err
    cli(*later, "forced", "--seen", 1, "--force")

    async def due(inbox: Inbox) -> list[str]:
        await inbox.says("Really")
        before, inbox.clock.now = inbox.clock.now, moment + timedelta(minutes=1)
        sender, channel = await a_sender(inbox)
        await sender.run_once()
        inbox.clock.now = before
        return [part.text for part in channel.sent]

    # They leave side by side.
    assert sorted(cli.inbox(due)) == ["anyway", "changed"]
    held = cli.json("outbox", "list", "--state", "held")
    assert [(one["id"], one["error"]["kind"]) for one in held] == [
        (1, "client_wrote"),
        (4, "client_wrote"),
    ]


async def unreadable(inbox: Inbox) -> None:
    event = Unreadable(reason=Reason("unreadable", {"detail": "odd"}), sent_at=inbox.clock.now)
    await inbox.receive("support", Incoming(key="INBOX:1:7", raw=b"\xffodd", event=event))


def test_what_could_not_be_read_is_listed_and_kept_whole(cli: Cli) -> None:
    cli.inbox(unreadable)
    (item,) = cli.json("quarantine", "list")
    assert set(item) == {"id", "account", "received_at", "size", "reason"}
    assert (item["account"], item["size"]) == ("support", 4)
    assert item["reason"] == {"kind": "unreadable", "args": {"detail": "odd"}}
    assert cli.json("quarantine", "show", item["id"]) == item
    assert cli("quarantine", "show", item["id"], "--raw").raw == b"\xffodd"
    assert "odd" in cli("quarantine", "list").out
    cli("quarantine", "show", 99, code=5)


@on_both
def test_reading_it_again_after_a_fix_makes_the_task(cli: Cli) -> None:
    cli.inbox(unreadable)
    (item,) = cli.json("quarantine", "list")
    assert "not configured on this machine" in cli("quarantine", "reprocess", code=5).err
    with cli.config.open("a") as file:
        file.write('[accounts.support]\nchannel = "email"\naddress = "support@ours.example"\n')

    async def repair(inbox: Inbox) -> None:
        mail = b"From: maria@client.example\nSubject: Now readable\nMessage-ID: <1@x>\n\nHello\n"
        async with inbox.store.write() as uow:
            await uow.connection.execute(update(t.receipt).values(raw=mail))
            await uow.commit()

    cli.inbox(repair)
    cli("quarantine", "reprocess", 99, code=5)
    (done,) = cli.json("quarantine", "reprocess", item["id"])
    assert done["id"] == item["id"]
    assert cli.json("quarantine", "list") == []
    assert "Now readable" in [task["title"] for task in cli.json("task", "list")]

    async def landed(inbox: Inbox) -> int | None:
        async with inbox.store.read() as uow:
            return await uow.connection.scalar(select(t.receipt.c.comment_id))

    assert cli.inbox(landed) == done["comment_id"]


async def put_back(inbox: Inbox) -> None:
    """A restored database: what waited is unknown, and something new waits."""
    await stuck(inbox)
    reason = Reason("database_older", {"n": 3})
    await inbox.store.run(lambda uow: restore_guard.hold(uow, reason))
    await inbox.comment(1, "new", to=[client(1)])


@on_both
def test_a_restored_database_sends_again_once_the_list_is_confirmed(cli: Cli) -> None:
    cli.inbox(put_back)
    assert cli.json("status")["sending"] == "held"
    assert "outbox release" in cli("status").out
    assert "3 hand-overs are missing" in cli("doctor", code=1).out
    listed = cli.json("outbox", "release", "--dry-run")
    assert (listed["held"]["kind"], listed["released"]) == ("database_older", False)
    assert [one["id"] for one in listed["deliveries"]] == [3]
    assert [(one["id"], one["state"]) for one in listed["unknown"]] == [(2, "unknown")]
    assert listed["not_shown"] == 0
    said = cli("outbox", "release").out
    assert said.index("goes out:") < said.index("(delivery 3)") < said.index("(delivery 2)")
    assert "sending goes on" in said
    assert cli.json("status")["sending"] == "on"
    assert cli.json("outbox", "release")["released"] is False


def test_a_stuck_delivery_is_rerouted_r24(cli: Cli) -> None:
    cli.inbox(stuck)
    cli("contact", "set", 1, "--address", "email:maria@client.example")
    assert "which way" in cli("outbox", "reroute", 1, code=2).err
    said = cli("outbox", "reroute", 1, "--address", "x@y.example", code=6)
    assert "not an address of Maria" in said.err
    (new,) = cli.json("outbox", "reroute", 1, "--reply-via", "support")
    assert (new["id"], new["address"], new["state"]) == (3, "maria@client.example", "pending")
    assert "by support maria@client.example" in cli("task", "show", 1).out
