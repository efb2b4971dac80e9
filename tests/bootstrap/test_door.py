"""The door as the configuration asks for it: by the daemon, by a program of its own, or not."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from pfinbox.bootstrap.doctor import examine
from pfinbox.bootstrap.door import announce, beside, health, make_door, run_web
from pfinbox.bootstrap.stores import open_store
from pfinbox.config import Config, load
from pfinbox.daemon.health.figures import Figures
from pfinbox.domain.health.metrics import as_text, gauge
from pfinbox.domain.listening import Listening, listening, origin
from pfinbox.errors import ConfigError, PfinboxError
from pfinbox.services.people import signing_in
from pfinbox.services.system import leases
from pfinbox.store.uow import Store
from pfinbox.store.write.accounts import set_state
from pfinbox.web.server import serve
from tests.builders import Inbox, client
from tests.daemon.test_sender import a_sender


def configured(folder: Path, web: str) -> Config:
    file = folder / "config.toml"
    file.write_text(f'[database]\nurl = "sqlite:///x.sqlite"\n[inbox]\ncompany = "ACME"\n{web}')
    return load(file)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(configured(tmp_path, ""))
    yield opened
    await opened.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def asked(url: str, path: Path | None = None) -> tuple[int, str]:
    connector = aiohttp.UnixConnector(str(path)) if path is not None else None
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url) as answer:
        return answer.status, await answer.text(errors="replace")


async def reached(url: str) -> str:
    """The page, as soon as anybody listens."""
    while True:
        try:
            return (await asked(url))[1]
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0.01)


async def test_a_daemon_serves_pages_and_says_that_it_is_well(store: Store, tmp_path: Path) -> None:
    port, watched = free_port(), free_port()
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    config = configured(
        tmp_path,
        f'[web]\nlisten = "127.0.0.1:{port}"\nhealth = "127.0.0.1:{watched}"\n'
        '[web.portal]\nlogo = "logo.png"\n',
    )
    await announce(store, config, "daemon")
    async with store.read() as uow:
        assert await signing_in.page_url(uow) == f"http://127.0.0.1:{port}"
    stop = asyncio.Event()
    running = [asyncio.create_task(one(stop)) for one in await beside(store, config)]
    # Another daemon that stands by gets the address when the first one goes.
    second = await make_door(store, config, Listening("127.0.0.1", port))
    later = asyncio.Event()
    async with asyncio.timeout(10):
        assert "ACME" in await reached(f"http://127.0.0.1:{port}/p/")
        waiting = asyncio.create_task(serve(second, later, retry=0.05))
        assert (await asked(f"http://127.0.0.1:{port}/p/logo"))[0] == 200
        assert await asked(f"http://127.0.0.1:{watched}/health/live") == (200, '{"live": true}')
        ready = '{"ready": true, "problems": [], "accounts": {}}'
        assert await asked(f"http://127.0.0.1:{watched}/health/ready") == (200, ready)
        # Whoever cannot listen says so in a sentence; a daemon that stands by waits for its turn.
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{watched}: Address alr"):
            await beside(store, configured(tmp_path, f'[web]\nhealth = "127.0.0.1:{watched}"\n'))
        stop.set()
        await asyncio.gather(*running)
        assert "ACME" in await reached(f"http://127.0.0.1:{port}/p/")
    later.set()
    await waiting
    # Where the configuration has no pages any more, nobody is sent there.
    await announce(store, configured(tmp_path, ""), "daemon")
    async with store.read() as uow:
        assert await signing_in.page_url(uow) is None
    assert await beside(store, configured(tmp_path, "")) == []
    # Another machine serves them: its word stands, whatever the daemon has.
    apart = configured(tmp_path, '[web]\nlisten = "127.0.0.1:8080"\nin_daemon = false\n')
    await announce(store, apart, "web")
    await announce(store, configured(tmp_path, ""), "daemon")
    async with store.read() as uow:
        assert await signing_in.page_url(uow) == "http://127.0.0.1:8080"
    assert await beside(store, apart) == []


async def test_machines_read_how_the_inbox_does_and_nothing_else(inbox: Inbox) -> None:
    figures = Figures({account_id: name for name, account_id in inbox.account_ids.items()})
    inbox.store.listener = figures.count
    door = health(inbox.store, Listening("127.0.0.1", 0), figures.metrics)
    await inbox.mails("Where is it?", subject="Parcel", sender="maria@client.example")
    await inbox.comment(1, "On its way", to=[client(1)])
    sent, _channel = await a_sender(inbox)
    await inbox.store.run(lambda uow: set_state(uow, inbox.account_ids["support"], "ok", None))
    inbox.clock.advance(seconds=90)
    await inbox.store.run(lambda uow: leases.acquire(uow, sent._lease))
    await door.open()
    try:
        base = f"http://{door.address}"
        status, text = await asked(f"{base}/health/ready")
        assert (status, json.loads(text)) == (
            503,
            {
                "ready": False,
                "problems": [{"kind": "new", "account": "bot"}],
                "accounts": {"support": "ok", "bot": "new"},
            },
        )
        before = (await asked(f"{base}/metrics"))[1]
        await sent.run_once()
        told = before + (await asked(f"{base}/metrics"))[1]
        inbox.store.listener = None
    finally:
        await door.close()
    for line in (
        'pfinbox_received_total{account="support",state="shown"} 1',
        'pfinbox_outbox_deliveries{account="support",state="pending"} 1',
        "pfinbox_outbox_age_seconds 90",
        'pfinbox_deliveries_total{account="support",state="sent"} 1',
        'pfinbox_account_state{account="bot",state="ok"} 0',
        'pfinbox_account_messages_missing{account="bot"} 0',
        'pfinbox_receive_lag_seconds{account="support"} 0',
        'pfinbox_loop_delay_seconds_bucket{le="+Inf"} 0',
    ):
        assert line in told.splitlines(), line
    for word in ("maria", "Parcel", "Where", "client.example"):
        assert word not in told


def test_labels_are_quoted_and_numbers_are_plain() -> None:
    one = gauge("x", "a\nb", {'we"ird\\\n': 1.5})
    assert as_text([one]) == ('# HELP x a\\nb\n# TYPE x gauge\nx{account="we\\"ird\\\\\\n"} 1.5\n')


async def test_a_socket_of_the_dead_is_replaced_and_one_of_the_living_is_not(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "web.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    web = f'[web]\nlisten = "unix:{path}"\nbase_url = "https://s.example"\n'
    config = configured(tmp_path, web)
    first = await make_door(store, config, Listening(path=str(path)))
    await first.open()
    assert (await asked("http://any/p/", path))[0] == 200
    second = await make_door(store, config, Listening(path=str(path)))
    with pytest.raises(PfinboxError, match="cannot listen on unix:"):
        await second.open()
    await second.close()
    assert (await asked("http://any/p/", path))[0] == 200
    await first.close()


async def test_without_its_packages_or_a_place_it_says_so_in_one_sentence(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured(tmp_path, '[web]\nlisten = "127.0.0.1:8080"\n')
    with pytest.raises(ConfigError, match=r"\[web\] has no listen"):
        await asyncio.to_thread(run_web, configured(tmp_path, ""))
    wrong = configured(tmp_path, '[web]\nlisten = "127.0.0.1:1"\n[web.portal]\nlogo = "x.svg"\n')
    for content in (None, b"<svg/>"):
        if content is not None:
            (tmp_path / "x.svg").write_bytes(content)
        with pytest.raises(ConfigError, match=r"x\.svg"):
            await beside(store, wrong)
    # Nobody could be sent a link yet.
    config = configured(tmp_path, '[web]\nlisten = "127.0.0.1:8080"\n')
    assert (await looked_at(config)).endswith(
        "no account can mail the links by which clients sign in"
    )
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ConfigError, match="pip install 'pfinbox"):
        await beside(store, config)
    assert "pip install 'pfinbox" in await looked_at(config)


async def looked_at(config: Config) -> str:
    """What the doctor says of the door."""
    said = [one async for one in examine(str(config.source)) if one.subject.startswith("[web]")]
    assert [one.subject for one in said] == ["[web] http://127.0.0.1:8080"]
    return said[0].problem or ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1:8080", Listening("127.0.0.1", 8080)),
        ("[::1]:80", Listening("::1", 80)),
        ("localhost:80", Listening("localhost", 80)),
        ("unix:/run/p.sock", Listening(path="/run/p.sock")),
        *((bad, None) for bad in ("0.0.0.0:80", "127.0.0.1", ":80", "a@127.0.0.1:80", "unix:x")),
        *((bad, None) for bad in ("127.0.0.1:99999", "support.example:80", "unix:/x/", "")),
    ],
)
def test_only_this_machine_is_listened_on(text: str, found: Listening | None) -> None:
    if found is None:
        with pytest.raises(ValueError, match=r"(?s).*"):
            listening(text)
    else:
        assert listening(text) == found
        assert str(found) == text


def test_the_base_url_is_an_origin_and_plain_http_is_for_this_machine() -> None:
    assert origin("https://Support.Example:443/") == "https://support.example"
    assert origin("http://[::1]:8080") == "http://[::1]:8080"
    for bad in ("http://a.example", "https://a.example/p", "ftp://a", "https://u@a.example", "x"):
        with pytest.raises(ValueError, match=r"(?s).*"):
            origin(bad)
