"""The configuration: where it is found, what it means, and the one sentence for each mistake."""

from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from pfinbox.config import Status, load
from pfinbox.errors import ConfigError

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a configuration and gives its path; the machine's own never plays a part."""
    monkeypatch.delenv("PFINBOX_CONFIG", raising=False)

    def write_file(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    return write_file


@pytest.fixture
def no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Points the default place into an empty folder and gives that place."""
    monkeypatch.delenv("PFINBOX_CONFIG", raising=False)
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_a, **_k: tmp_path / "cfg")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_a, **_k: tmp_path / "data")
    return tmp_path / "cfg" / "config.toml"


def test_without_a_file_there_are_defaults_and_no_accounts(no_file: Path) -> None:
    config = load()
    assert config.source == no_file
    assert config.database_url == (
        f"sqlite+aiosqlite:///{no_file.parent.parent / 'data' / 'pfinbox.sqlite'}"
    )
    assert config.inbox.statuses == (
        Status("new", True),
        Status("open", True),
        Status("waiting", True),
        Status("done", False),
        Status("rejected", False),
    )
    assert (config.inbox.contacts_see, config.inbox.undo_send) == ("notified", 10)  # R37, R18
    assert (config.inbox.late_limit_hours, config.inbox.mail_account) == (4, None)
    assert config.agent.login is None
    assert (dict(config.keys), dict(config.accounts), config.warnings) == ({}, {}, ())


def test_the_named_file_goes_before_the_environment_and_that_before_the_default_place(
    no_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def company(where: Path, name: str) -> Path:
        where.parent.mkdir(exist_ok=True)
        where.write_text(f'[inbox]\ncompany = "{name}"\n')
        return where

    company(no_file, "default")
    assert load().inbox.company == "default"
    monkeypatch.setenv("PFINBOX_CONFIG", str(company(tmp_path / "env.toml", "environment")))
    assert load().inbox.company == "environment"
    assert load(company(tmp_path / "named.toml", "named")).inbox.company == "named"


def test_a_named_file_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "nowhere.toml"
    with pytest.raises(ConfigError) as caught:
        load(missing)
    assert str(caught.value) == f"{missing} does not exist"
    monkeypatch.setenv("PFINBOX_CONFIG", str(missing))
    with pytest.raises(ConfigError, match="does not exist"):
        load()


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{tmp_path} cannot be read: Is a directory"


def test_a_file_that_is_no_text(write: Write) -> None:
    path = write("")
    path.write_bytes(b'[inbox]\ncompany = "\xcf\xf0"\n')
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value) == f"{path} is not UTF-8 text"


def test_everything_that_an_account_can_say(write: Write) -> None:
    config = load(
        write(
            '[accounts.anna]\nchannel = "email"\nrole = "personal"\nowner = "anna"\n'
            'agents = ["anna", "boris"]\nnew_task_after_close = "14d"\naddress = "a@b.example"\n'
            '[accounts.bot]\nchannel = "telegram"\nnew_task_after_close = false\n'
        )
    )
    anna, bot = config.accounts["anna"], config.accounts["bot"]
    assert (anna.name, anna.channel, anna.role, anna.owner) == ("anna", "email", "personal", "anna")
    assert (anna.agents, anna.new_task_after_close) == (("anna", "boris"), "14d")  # R10, R6
    assert dict(anna.settings) == {"address": "a@b.example"}
    assert (bot.role, bot.owner, bot.agents) == ("shared", None, None)
    assert bot.new_task_after_close is False


def test_statuses_and_keys_of_ones_own(write: Write) -> None:
    config = load(
        write(
            '[inbox]\nstatuses = { active = ["новая", "in progress"] }\n'
            '[keys]\nreply = "r"\nclose = ["e", "ctrl+e"]\n'
        )
    )
    assert [status.name for status in config.inbox.statuses if status.active] == [
        "новая",
        "in progress",
    ]
    assert [s.name for s in config.inbox.statuses if not s.active] == ["done", "rejected"]
    assert dict(config.keys) == {"reply": ("r",), "close": ("e", "ctrl+e")}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:////srv/inbox.sqlite", "sqlite+aiosqlite:////srv/inbox.sqlite"),
        ("sqlite+aiosqlite:////srv/inbox.sqlite", "sqlite+aiosqlite:////srv/inbox.sqlite"),
        ("sqlite:///inbox.sqlite", "sqlite+aiosqlite:///{base}/inbox.sqlite"),
        ("sqlite:///inbox.sqlite?timeout=5", "sqlite+aiosqlite:///{base}/inbox.sqlite?timeout=5"),
        ("sqlite:///~/inbox.sqlite", "sqlite+aiosqlite:///{home}/inbox.sqlite"),
        ("postgresql://u:p@db/inbox", "postgresql+asyncpg://u:p@db/inbox"),
        ("postgres://db/inbox?ssl=require", "postgresql+asyncpg://db/inbox?ssl=require"),
        ("postgresql+asyncpg://db/inbox", "postgresql+asyncpg://db/inbox"),
    ],
)
def test_urls_of_databases(write: Write, url: str, expected: str) -> None:
    path = write(f'[database]\nurl = "{url}"\n')
    assert load(path).database_url == expected.format(base=path.parent, home=Path.home())


@pytest.mark.parametrize(
    "url", ["mysql://u:hunter2@db/x", "sqlite://", "sqlite:///", "sqlite:///:memory:", "hunter2"]
)
def test_a_database_that_pfinbox_does_not_know(write: Write, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(f'[database]\nurl = "{url}"\n'))
    assert "database.url: it must begin with sqlite:/// and a path" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_referenced_url_is_checked_when_it_is_needed(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load(write('[database]\nurl = { env = "INBOX_DB" }\n'))
    monkeypatch.setenv("INBOX_DB", "postgresql://u:p@db/inbox")
    assert config.database_url == "postgresql+asyncpg://u:p@db/inbox"
    monkeypatch.setenv("INBOX_DB", "oracle://hunter2")
    with pytest.raises(ConfigError, match=r"database\.url: it must begin") as caught:
        _ = config.database_url
    assert "hunter2" not in str(caught.value)


ACCOUNT = '[accounts.a]\nchannel = "email"\n'

MISTAKES = {
    '[inbox]\ncompany = "x\n': "is not valid TOML: Illegal character '\\n' (at line 2, column 13)",
    "company 5\n": "is not valid TOML: Expected '=' after a key in a key/value pair "
    "(at line 1, column 9)",
    "[inbx]\n": "unknown key inbx; did you mean inbox?",
    '[web.portal]\naccent = "#ffcc00"\n': "web.portal.accent: white words cannot be read on it; "
    "choose a darker colour",
    '[web]\nlisten = "0.0.0.0:80"\n': "web.listen: it must be an address of this machine such as "
    '"127.0.0.1:8080", or "unix:/path"; a proxy in front of it speaks to the network',
    '[web.portal]\ntitle = "ACME"\n': "[web]: the portal needs listen, or the base_url of the "
    "machine that serves it",
    "[zzz]\n": "unknown key zzz; known here: database, inbox, agent, web, log, keys, accounts",
    "inbox = 5\n": "[inbox] must be a table",
    "[inbox]\nundosend = 5\n": "unknown key inbox.undosend; did you mean undo_send?",
    '[inbox]\nundo_send = "5"\n': "inbox.undo_send must be a whole number",
    "[inbox]\nundo_send = true\n": "inbox.undo_send must be a whole number",
    "[inbox]\nundo_send = -1\n": "inbox.undo_send: it must be from 0 to 3600",
    "[inbox]\nlate_limit_hours = 9000\n": "inbox.late_limit_hours: it must be from 0 to 8760",
    '[inbox]\ncontacts_see = "none"\n': "inbox.contacts_see must be one of "
    "notified, company, contacts, all",
    '[inbox]\nmail_account = "b"\n' + ACCOUNT: "inbox.mail_account: there is no account b",
    "[inbox]\nstatuses = { active = [] }\n": "inbox.statuses.active: "
    "it must name at least one status",
    "[inbox]\nstatuses = { active = [' '] }\n": "inbox.statuses.active: "
    "a status is one line of 1 to 40 characters",
    '[inbox]\nstatuses = { active = ["done"] }\n': "inbox.statuses: done stands there twice",
    '[inbox]\nstatuses = ["new"]\n': "[inbox.statuses] must be a table",
    "[inbox]\nstatuses = { aktive = [] }\n": "unknown key inbox.statuses.aktive; "
    "did you mean active?",
    '[agent]\ntimezone = "Europe/Warschau"\n': "agent.timezone: "
    "this machine knows no time zone Europe/Warschau",
    '[agent]\ntimezone = "../x"\n': "agent.timezone: this machine knows no time zone ../x",
    "keys = 1\n": "[keys] must be a table",
    "[keys]\nreply = 1\n": "keys.reply must be a key, or a list of keys",
    "[keys]\nreply = [1]\n": "keys.reply must be a key, or a list of keys",
    "accounts = 1\n": "[accounts] must be a table",
    "[accounts]\na = 1\n": "[accounts.a] must be a table",
    "[accounts.a]\n": "key accounts.a.channel is missing",
    '[accounts.a]\nchanel = "email"\n': "unknown key accounts.a.chanel; did you mean channel?",
    '[accounts.A]\nchannel = "email"\n': "[accounts.A]: the name of an account is 1 to 40 "
    "lower-case letters, digits, - or _",
    ACCOUNT + 'role = "mine"\n': "accounts.a.role must be one of shared, personal",
    ACCOUNT + 'role = "personal"\n': "accounts.a.owner: an account with role = "
    '"personal", and no other, has one',
    ACCOUNT + 'owner = "anna"\n': "accounts.a.owner: an account with role = "
    '"personal", and no other, has one',
    ACCOUNT + 'agents = "anna"\n': "accounts.a.agents must be a list of texts",
    ACCOUNT + "agents = []\n": "accounts.a.agents: it must name at least one agent; "
    "leave it out for all",
    ACCOUNT + 'acknowledgement = "Hi {name}"\n': "accounts.a.acknowledgement: it knows {task}, "
    "the task's number, but not {name}",
    ACCOUNT + 'acknowledgement = " "\n': "accounts.a.acknowledgement: it must be a text "
    "of at most 4000 characters",
    # R10: a personal account answers nothing by itself.
    ACCOUNT
    + 'role = "personal"\nowner = "anna"\nacknowledgement = "Hi"\n': "accounts.a.acknowledgement"
    ": a personal account answers nothing by itself",
    ACCOUNT + 'new_task_after_close = "2w"\n': "accounts.a.new_task_after_close: it must be "
    'true, false or a number of days such as "14d"',
    ACCOUNT + "new_task_after_close = 14\n": "accounts.a.new_task_after_close: it must be "
    'true, false or a number of days such as "14d"',
    "[database]\nurl = 5\n": "database.url must be text, or "
    "{ env = … }, { file = … } or { command = … }",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_each_mistake_is_one_sentence_that_names_file_and_key(write: Write, text: str) -> None:
    path = write(text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    sentence = MISTAKES[text]
    joint = " " if sentence.startswith("is not valid") else ": "
    assert str(caught.value) == f"{path}{joint}{sentence}"
    assert caught.value.exit_code == 3
