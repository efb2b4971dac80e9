"""A mailbox's server and the line to it (rows 4 to 11, 14).

Row 7's scripts are in tests/channels/mail/test_imap_faults.py, 12 and 13 in tests/channels/mail.
"""

import asyncio
import contextlib
import re
from functools import partial
from pathlib import Path

from tests.faults.proxy import Trouble
from tests.faults.row import Budget, probes, row, spell, troubled
from tests.faults.world import World
from tests.servers.certificates import Certificate
from tests.servers.scripted_imap import ScriptedImap, listening

_SPARED = ("bot",)


@row("4", "IMAP reset while idle and after any byte", spared=_SPARED)
async def resets(world: World, budget: Budget) -> None:
    async with world.traffic():
        for number in range(budget.kills // 2):
            async with world.fault():
                if number % 2:
                    world.lines.imap.reset()
                else:
                    # In the greeting, the sign-in, a search or a literal.
                    world.lines.imap.cut_after(world.dice.randrange(1500))
                    await world.says("support")
            await world.lasting(world.dice.uniform(0.5, 2))
    await probes(world)


@row("4b", "IMAP refused", tells="cannot be reached", spared=_SPARED)
async def refused(world: World, budget: Budget) -> None:
    await troubled(world, budget, world.lines.imap, Trouble.REFUSED)


@row("5", "IMAP black hole", tells="support:", spared=_SPARED)
async def hole(world: World, budget: Budget) -> None:
    await troubled(world, budget, world.lines.imap, Trouble.HOLE)


@row("5b", "IMAP half-open: the other end has forgotten the connection", spared=_SPARED)
async def half_open(world: World, budget: Budget) -> None:
    """Only the next word to the server shows it, and a while without an answer."""
    async with world.fault():
        world.lines.imap.half_open()
    await probes(world)


@row("6", "IMAP byte by byte", tells="support:", spared=_SPARED)
async def trickle(world: World, budget: Budget) -> None:
    await troubled(world, budget, world.lines.imap, Trouble.SLOW)


@row("7", "IMAP garbage", tells="support: retrying", spared=_SPARED)
async def garbage(world: World, budget: Budget) -> None:
    line = world.lines.imap

    def begin() -> None:
        line.trouble = Trouble.GARBAGE
        line.reset()

    def end() -> None:
        line.trouble = Trouble.NONE

    await spell(world, begin, end, budget.seconds)


@row("8", "mail at every gap between search and idle", spared=_SPARED)
async def gaps(world: World, budget: Budget) -> None:
    async with world.fault():
        for _number in range(budget.kills * 2):
            await world.says("support")
            await world.lasting(world.dice.uniform(0, 0.15))


@row("9", "UIDVALIDITY changes", spared=_SPARED)
async def renumbered(world: World, budget: Budget) -> None:
    async with world.traffic(every=0.2):
        for _number in range(max(2, budget.kills // 10)):
            await world.lasting(2)
            async with world.fault():
                await asyncio.to_thread(world.sides.mailbox.renew_uidvalidity)
    await probes(world)


@row("10", "Dovecot is stopped and started", tells="support: retrying", spared=_SPARED)
async def restarted(world: World, budget: Budget) -> None:
    async with world.traffic():
        for _number in range(max(1, budget.kills // 20)):
            await world.lasting(1)
            async with world.fault(ask_doctor=True):
                await asyncio.to_thread(world.servers.stop_dovecot)
                await world.lasting(budget.seconds)
                await asyncio.to_thread(world.servers.start_dovecot)
            await world.lasting(2)
    await probes(world)


@row("11", "wrong password", tells="support: failed", recovery=310, spared=_SPARED)
async def password(world: World, budget: Budget) -> None:
    """After an hour it is tried every five minutes: servers lock accounts for more."""
    tried = 0

    def says(line: str) -> str | None:
        nonlocal tried
        if line.startswith("LOGIN"):
            tried += 1
            return "NO [AUTHENTICATIONFAILED] Authentication failed."
        return None

    server = ScriptedImap("ready", "IMAP4rev1 IDLE", [], says=says)
    async with listening(server.serve) as port:
        right = world.lines.imap.target

        def begin() -> None:
            world.lines.imap.target = port
            world.lines.imap.reset()

        def end() -> None:
            world.lines.imap.target = right

        await spell(world, begin, end, budget.seconds)
    # The doctor's own try is one of them, and one for a copy in the folder of sent mail.
    assert tried <= 3 + budget.seconds / 5, f"{tried} sign-ins"


@row("4c", "the mailbox's certificate", tells="certificate", spared=_SPARED, tls=True)
async def certificate(world: World, budget: Budget) -> None:
    """It expires, and then is one that nobody has signed; nothing is told to such a server."""
    authority, shown = world.authority, world.lines.imap.tls
    assert authority is not None
    assert shown is not None
    good = authority.sign("another")
    for bad in (authority.sign("expired", days=-1), authority.self_signed()):

        def begin(certificate: Certificate = bad) -> None:
            shown.load_cert_chain(certificate.certificate, certificate.key)
            world.lines.imap.reset()

        await spell(world, begin, partial(begin, good), budget.seconds)


@row("14", "a mail of 100 MB", spared=_SPARED)
async def huge(world: World, budget: Budget) -> None:
    before = _memory(world.daemon.pid)
    async with world.traffic(), world.fault():
        name = world.ledger.name("in")
        head = world.sides.mail(name).replace(b"\r\nSubject:", b"\r\nX-Is: huge\r\nSubject:")
        body = b"x" * 76 + b"\r\n"
        await asyncio.to_thread(
            world.sides.mailbox.deliver, head + body * (100_000_000 // len(body))
        )
        await world.lasting(5)
    await probes(world)
    await world.caught_up()
    grown = _memory(world.daemon.pid) - before
    assert grown < 100_000, f"{grown // 1000} MB more"


def _memory(pid: int) -> int:
    """The most that a process has had, in kilobytes."""
    with contextlib.suppress(FileNotFoundError):
        status = Path(f"/proc/{pid}/status").read_text()
        if found := re.search(r"VmHWM:\s+(\d+)", status):
            return int(found[1])
    return 0
