"""Secrets: the four places they come from, and that nothing shows them."""

import shlex
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from pfinbox.config import Config, account_settings, load
from pfinbox.config.secrets import secret_reader
from pfinbox.domain.contract.channel import Capability, ChannelSpec, Limits
from pfinbox.domain.contract.settings import Key, Secret, Table
from pfinbox.errors import ConfigError

VALUE = "hunter2-Ключ"


def no_connection(_context: object) -> Any:
    raise AssertionError("checking settings opens nothing")


SPEC = ChannelSpec(
    name="pigeon",
    label="Pigeon",
    sign="P",
    capabilities=Capability(0),
    limits=Limits(),
    settings=Table(
        {
            "token": Key("secret", required=True),
            "height": Key("int", 5),
            "loft": Table({"password": Key("secret", required=True)}),
        }
    ),
    open=no_connection,
    describe=lambda _settings: "pigeon",
)


def config_with(tmp_path: Path, token: str, more: str = "") -> Config:
    path = tmp_path / "config.toml"
    path.write_text(f'[accounts.p]\nchannel = "pigeon"\ntoken = {token}\n{more}', encoding="utf-8")
    path.chmod(0o600)
    return load(path)


def settings_of(config: Config) -> dict[str, Any]:
    return account_settings(config, config.accounts["p"], SPEC)


def reveal(tmp_path: Path, token: str) -> str:
    secret = settings_of(config_with(tmp_path, token))["token"]
    assert isinstance(secret, Secret)
    return secret.reveal()


def command(*code: str) -> str:
    words = shlex.join([sys.executable, "-c", "; ".join(code)])
    return f'{{ command = """{words}""" }}'


def everything_shown(error: BaseException) -> str:
    """The error as the most talkative traceback prints it: causes and local variables too."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    # this file's own frames hold the value on purpose
    return "".join(
        line for line in "".join(shown.format()).split('  File "') if not line.startswith(__file__)
    )


def test_in_the_file_itself(tmp_path: Path) -> None:
    assert reveal(tmp_path, f'"{VALUE}"') == VALUE


def test_from_the_environment_at_the_moment_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIGEON", raising=False)
    secret = settings_of(config_with(tmp_path, '{ env = "PIGEON" }'))["token"]
    with pytest.raises(ConfigError) as caught:
        secret.reveal()
    assert str(caught.value) == (
        f"{tmp_path / 'config.toml'}: accounts.p.token: the environment variable PIGEON is not set"
    )
    monkeypatch.setenv("PIGEON", VALUE)
    assert secret.reveal() == VALUE


def test_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(VALUE + "\n", encoding="utf-8")
    assert reveal(tmp_path, '{ file = "token" }') == VALUE
    assert reveal(tmp_path, f'{{ file = "{tmp_path / "token"}" }}') == VALUE


def test_a_file_that_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfehunter2")
    sentences = {
        "none": "cannot be read: No such file or directory",
        "empty": "is empty",
        "binary": "is not UTF-8 text",
    }
    for name, sentence in sentences.items():
        with pytest.raises(ConfigError) as caught:
            reveal(tmp_path, f'{{ file = "{name}" }}')
        assert str(caught.value).endswith(f"accounts.p.token: {tmp_path / name} {sentence}")
        assert "hunter2" not in everything_shown(caught.value)


def test_the_first_line_that_a_command_prints(tmp_path: Path) -> None:
    token = command("print(chr(104) + 'i')", "print('user: anna')")
    assert reveal(tmp_path, token) == "hi"


def test_a_command_runs_without_a_shell_and_without_the_keyboard(tmp_path: Path) -> None:
    code = "import sys", "print(sys.argv[1:], len(sys.stdin.read()))"
    words = shlex.join([sys.executable, "-c", "; ".join(code)])
    assert reveal(tmp_path, f'{{ command = """{words} $HOME; ls""" }}') == "['$HOME;', 'ls'] 0"


def test_a_command_that_fails_is_named_and_its_output_is_not(tmp_path: Path) -> None:
    output = "import sys; print(chr(104) + 'unter2'); print(chr(104) + 'unter2', file=sys.stderr)"
    mistakes = {
        command(output, "sys.exit(3)"): "failed with exit code 3",
        command("pass"): "printed nothing",
        '{ command = "no-such-program-here" }': "cannot be run: No such file or directory",
    }
    for token, sentence in mistakes.items():
        with pytest.raises(ConfigError) as caught:
            reveal(tmp_path, token)
        assert str(caught.value).startswith(f"{tmp_path / 'config.toml'}: accounts.p.token: ")
        assert str(caught.value).endswith(sentence)
        assert "hunter2" not in everything_shown(caught.value)


def test_a_command_that_hangs_is_given_up(tmp_path: Path) -> None:
    hang = shlex.join(
        [sys.executable, "-c", "import time; print(chr(104), flush=True); time.sleep(60)"]
    )
    secret = secret_reader("c.toml", tmp_path, command_seconds=0.2)({"command": hang}, "token")
    with pytest.raises(
        ConfigError, match=r"^c\.toml: token: the command .* took longer than 0\.2 s$"
    ):
        secret.reveal()


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ('""', "accounts.p.token is empty"),
        ("5", "accounts.p.token must be text, or {"),
        ("{ vault = 'x' }", "accounts.p.token must be text, or one of {"),
        ("{ env = 'A', file = 'b' }", "accounts.p.token must be text, or one of {"),
        ('{ file = "a\\u0000b" }', "accounts.p.token must be text, or one of {"),
        ("{ env = '' }", "accounts.p.token must be text, or one of {"),
        ('{ command = "pass \'x" }', "accounts.p.token: the quotes in the command do not match"),
    ],
)
def test_a_reference_that_cannot_be_meant(tmp_path: Path, token: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_of(config_with(tmp_path, token))
    assert str(caught.value).startswith(f"{tmp_path / 'config.toml'}: {sentence}")


def test_an_unknown_key_of_an_account_names_the_nearest_of_channel_and_core(tmp_path: Path) -> None:
    for wrong, near in {"heigth": "height", "rol": "role"}.items():
        with pytest.raises(ConfigError) as caught:
            settings_of(config_with(tmp_path, f'"{VALUE}"', f"{wrong} = 7\n"))
        assert str(caught.value).endswith(f"unknown key accounts.p.{wrong}; did you mean {near}?")
        assert VALUE not in everything_shown(caught.value)


def test_no_text_form_of_a_configuration_shows_a_secret(tmp_path: Path) -> None:
    more = f'loft = {{ password = "{VALUE}" }}\n[database]\nurl = "postgresql://u:{VALUE}@db/x"\n'
    config = config_with(tmp_path, f'"{VALUE}"', more)
    settings = settings_of(config)
    assert settings["loft"]["password"].reveal() == VALUE
    for shown in (repr(config), str(config), f"{settings} {settings['token']}"):
        assert VALUE not in shown


@pytest.mark.parametrize("more", ["height = 'x'\n", "x = \n", "[inbx]\n", "[accounts.B]\n"])
def test_no_traceback_of_a_wrong_configuration_shows_a_secret(tmp_path: Path, more: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_of(config_with(tmp_path, f'"{VALUE}"', more))
    assert VALUE not in everything_shown(caught.value)


def test_others_who_can_read_an_inline_secret_are_warned_about(tmp_path: Path) -> None:
    more = f'loft = {{ password = "{VALUE}" }}\n[database]\nurl = "postgresql://u:{VALUE}@db/x"\n'
    config = config_with(tmp_path, f'"{VALUE}"', more)
    assert config.warnings == ()
    config.source.chmod(0o640)
    assert load(config.source).warnings == (
        f"{config.source} holds database.url, accounts.p.token, accounts.p.loft.password "
        "in plain text and others can read it; use chmod 600",
    )


def test_references_may_be_read_by_others(tmp_path: Path) -> None:
    more = '[database]\nurl = "postgresql://u@db/x"\n'
    config = config_with(tmp_path, '{ env = "PIGEON" }', more)
    config.source.chmod(0o644)
    assert load(config.source).warnings == ()
