"""Channels are found by name, loaded one at a time, and a broken one is one sentence."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from rich.cells import cell_len

from pfinbox import plugins
from pfinbox.config import account_settings, load
from pfinbox.domain.contract.settings import Key, Secret, Table
from pfinbox.errors import ConfigError

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed third-party package that offers a channel ``pigeon``; gives its module."""
    info = tmp_path / "pigeon_post-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon-post\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pfinbox.channels]\npigeon = pigeon_post:SPEC\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pigeon_post", raising=False)
    return tmp_path / "pigeon_post.py"


GOOD = """
from pfinbox.domain.contract.channel import Capability, ChannelSpec, Limits
from pfinbox.domain.contract.settings import Table

SPEC = ChannelSpec("{name}", "Pigeon", "P", Capability(0), Limits(), Table(), open, str)
"""


def test_our_own_channels_are_found() -> None:
    assert {"email", "telegram", "demo", "demo_mail"} <= set(plugins.channel_names())
    specs = [plugins.load_channel(name) for name in plugins.channel_names()]
    assert [spec.name for spec in specs] == list(plugins.channel_names())
    # The list has two cells for a sign, and `?` says what each stands for.
    signs = [spec.sign for spec in specs if not spec.name.startswith("demo")]
    assert all(1 <= cell_len(sign) <= 2 for sign in signs)
    assert len(set(signs)) == len(signs)


def test_a_third_partys_channel_arrives_by_the_same_door(plugin: Path) -> None:
    plugin.write_text(GOOD.format(name="pigeon"))
    assert "pigeon" in plugins.channel_names()
    assert "pigeon_post" not in sys.modules  # listing imports nothing
    assert plugins.load_channel("pigeon").label == "Pigeon"


def test_an_unknown_channel_names_the_known_ones(plugin: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        plugins.load_channel("fax")
    assert str(caught.value) == (
        f"there is no channel fax; installed: {', '.join(plugins.channel_names())}"
    )
    assert "pigeon" in str(caught.value)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "raise RuntimeError('no wings')",
            "channel pigeon (pigeon_post:SPEC) cannot be loaded: RuntimeError: no wings",
        ),
        (
            "import no_such_library_here",
            "channel pigeon (pigeon_post:SPEC) cannot be loaded: "
            "ModuleNotFoundError: No module named 'no_such_library_here'",
        ),
        (
            "SPEC = 'coo'",
            "channel pigeon: pigeon_post:SPEC is not the description of a channel of that name",
        ),
        (
            GOOD.format(name="dove"),
            "channel pigeon: pigeon_post:SPEC is not the description of a channel of that name",
        ),
    ],
)
def test_a_broken_plug_in_is_one_sentence(plugin: Path, code: str, sentence: str) -> None:
    plugin.write_text(code)
    with pytest.raises(ConfigError) as caught:
        plugins.load_channel("pigeon")
    assert str(caught.value) == sentence


def test_the_first_of_two_with_one_name_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [EntryPoint("email", module, plugins.GROUP) for module in ("first", "second")]
    monkeypatch.setattr(plugins, "entry_points", lambda **_selection: entries)
    with pytest.raises(ConfigError, match=r"\(first\)"):
        plugins.load_channel("email")


def keys_of(table: Table, values: object) -> set[str]:
    """Dotted names of the table's keys that ``values`` does not hold."""
    assert isinstance(values, dict)
    missing: set[str] = set()
    for name, key in table.keys.items():
        if name not in values:
            missing.add(name)
        elif isinstance(key, Table):
            missing |= {f"{name}.{inner}" for inner in keys_of(key, values[name])}
    return missing


def test_the_example_passes_the_real_channels_checks() -> None:
    config = load(EXAMPLE)
    shown = {account.channel for account in config.accounts.values()}
    assert shown == set(plugins.channel_names()) - {"demo", "demo_mail"}
    for account in config.accounts.values():
        settings = account_settings(config, account, plugins.load_channel(account.channel))
        assert set(account.settings) <= set(settings)


@pytest.mark.parametrize("channel", sorted(set(plugins.channel_names()) - {"demo", "demo_mail"}))
def test_the_example_shows_every_key_of_a_channel(channel: str) -> None:
    table = plugins.load_channel(channel).settings
    accounts = [a for a in load(EXAMPLE).accounts.values() if a.channel == channel]
    assert set.intersection(*(keys_of(table, dict(a.settings)) for a in accounts)) == set()


@pytest.mark.parametrize("channel", sorted(set(plugins.channel_names()) - {"demo", "demo_mail"}))
def test_the_example_says_the_truth_about_defaults(channel: str) -> None:
    """Switches and numbers stand in it with their defaults, so a changed default shows here."""
    config = load(EXAMPLE)
    table = plugins.load_channel(channel).settings
    account = next(a for a in config.accounts.values() if a.channel == channel)
    settings = account_settings(config, account, plugins.load_channel(channel))
    for name, key in table.keys.items():
        if isinstance(key, Key) and key.kind in ("bool", "int") and key.default is not None:
            assert settings[name] == key.default, name


def test_every_secret_of_the_example_is_a_reference() -> None:
    """Nobody should learn from the example to write passwords down."""
    config = load(EXAMPLE)
    assert config.warnings == ()
    bot = config.accounts["bot"]
    settings = account_settings(config, bot, plugins.load_channel(bot.channel))
    assert isinstance(settings["token"], Secret)
    with pytest.raises(ConfigError, match="bot-token cannot be read"):
        settings["token"].reveal()
