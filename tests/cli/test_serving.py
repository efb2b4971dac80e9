"""Who serves an account, who stands by and what nobody serves: said by every verb that is asked."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import update

from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.leasing import Process
from pfinbox.services.system import leases
from pfinbox.store import tables as t
from pfinbox.store.sqlite.room import full
from pfinbox.store.write import accounts
from tests.builders import Inbox
from tests.cli.conftest import Cli, on_both


async def serve(inbox: Inbox, pid: int, *names: str, silent_for: float = 0.0) -> None:
    """A daemon that serves these accounts now, and whose heart beat so many seconds ago."""
    beaten = datetime.now(UTC) - timedelta(seconds=silent_for)
    ids = [inbox.account_ids[name] for name in names]
    lease = await inbox.store.run(lambda uow: leases.start(uow, Process("alpha", pid)))
    async with inbox.store.write() as uow:
        await leases.acquire(uow, lease, accounts=ids)
        for account_id in ids:
            await accounts.set_state(uow, account_id, "ok")
        of_it = t.lease.c.id == lease.id
        await uow.connection.execute(update(t.lease).where(of_it).values(heartbeat_at=beaten))
        await uow.commit()


def states(cli: Cli) -> dict[str, Any]:
    return {
        row["name"]: (row["state"], row["detail"] and row["detail"]["kind"])
        for row in cli.json("account", "list")
    }


@on_both
def test_a_daemon_that_stands_by_is_named(cli: Cli) -> None:
    cli.inbox(lambda inbox: serve(inbox, 11, "support", "bot"))
    assert "stands by" not in cli("account", "list").out
    cli.inbox(lambda inbox: serve(inbox, 12))
    assert states(cli) == {"support": ("ok", None), "bot": ("ok", None)}
    assert "the daemon on alpha, pid 12, stands by" in cli("account", "list").out
    assert (cli.json("status")["daemon"], cli.json("status")["standing_by"]) == ("running", 1)
    assert "daemons that stand by: 1" in cli("status").out
    said = cli("doctor", code=1).out
    assert "ok  daemon on alpha, pid 11\n" in said
    assert "pid 12, stands by" in said


@on_both
def test_an_account_whose_daemon_gives_no_sign_is_unserved(cli: Cli) -> None:
    """Whatever process has its pid now; and a heart that beat tomorrow beats no more either."""
    for seconds in (60.0, -86400.0):
        cli.inbox(partial(torn_away, seconds=seconds))
        silent = ("unserved", "daemon_silent")
        assert states(cli) == {"support": silent, "bot": silent}
        for verb, code in (("account list", 0), ("doctor", 1)):
            said = cli(*verb.split(), code=code).out
            assert "nobody serves it: the daemon on alpha (pid 11) gives no sign" in said
            assert "no daemon is running" in said
        assert cli.json("status")["unserved_accounts"] == 2
        assert "accounts that nobody serves: 2" in cli("status").out


async def torn_away(inbox: Inbox, seconds: float) -> None:
    await inbox.store.run(leases.forget_all)
    await serve(inbox, 11, "support", "bot", silent_for=seconds)


def test_r12_missing_messages_are_named_until_an_agent_takes_note(cli: Cli) -> None:
    """Lists, doctor and scripts say it; whoever may not use the account hears nothing of it."""
    cli.inbox(partial(lose_messages, hours=48))
    cli.inbox(partial(lose_messages, hours=24))
    gap = cli.json("account", "list")[1]["gap"]
    reason = {"kind": "not_kept", "args": {"hours": 24}}
    whole = {"since": "2026-03-01T10:00:00Z", "until": "2026-03-02T22:00:00Z"}
    assert gap == {"reason": reason, **whole}
    for verb, code in (("account list", 0), ("doctor", 1)):
        said = cli(*verb.split(), code=code).out
        assert "may be missing: the service keeps messages for 24 h" in said
    (entry,) = cli.json("task", "show", 1)["activities"]
    assert (entry["kind"], entry["args"]["reason"]) == ("messages_missing", reason)
    assert cli.json("account", "acknowledge", "bot")["gap"] is None
    assert "missing" not in cli("account", "list").out
    cli("account", "acknowledge", "no", code=5)


async def lose_messages(inbox: Inbox, hours: int) -> None:
    """In a task's chat; what is told of it before and after is one gap."""
    if hours == 48:
        await inbox.says("Hello")
    since = datetime(2026, 3, 3, 10, tzinfo=UTC) - timedelta(hours=hours)
    gap = Gap(
        reason=Reason("not_kept", {"hours": 24}),
        since=since,
        until=since + timedelta(hours=hours / 2),
        chat_key="501" if hours == 48 else "unknown",
    )
    await inbox.receive("bot", Incoming(key=f"gap {hours}", raw=b"{}", event=gap))


def test_an_account_that_no_running_daemon_has_is_unserved(cli: Cli) -> None:
    async def two_configurations(inbox: Inbox) -> None:
        await serve(inbox, 11, "support", "bot")
        await inbox.store.run(leases.forget_all)
        await serve(inbox, 12, "bot")

    cli.inbox(two_configurations)
    assert states(cli) == {"support": ("unserved", "unserved"), "bot": ("ok", None)}
    assert "has it in its configuration" in cli("doctor", code=1).out


def test_after_a_clean_end_each_account_stays_as_it_was_left(cli: Cli) -> None:
    async def ended(inbox: Inbox) -> None:
        await serve(inbox, 11, "support", "bot")
        await inbox.store.run(leases.forget_all)

    as_left = {"support": ("ok", None), "bot": ("ok", None)}
    cli.inbox(ended)
    assert states(cli) == as_left
    assert "no daemon is running" in cli("account", "list").out
    # The next one begins, and has not taken them yet.
    cli.inbox(lambda inbox: inbox.store.run(lambda uow: leases.start(uow, Process("alpha", 12))))
    assert states(cli) == as_left


def test_a_full_disk_is_one_without_room_for_a_mail(cli: Cli, tmp_path: Path) -> None:
    found = full(tmp_path / "inbox.sqlite", lambda _folder: 4096)
    assert found is not None
    assert found.sentence() == f"the disk is full: nothing can be stored in {tmp_path}"
    assert full(tmp_path / "inbox.sqlite", lambda _folder: 1 << 30) is None
    assert cli.json("status")["disk"] == "ok"
