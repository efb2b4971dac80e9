"""A configuration that the program writes: the same when read again, and nothing overwritten."""

import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.config.writing import as_toml, create
from pfinbox.errors import ConfigError

KEYS = st.text(max_size=8)
PLAIN = st.one_of(st.text(), st.integers(-(2**63), 2**63 - 1), st.booleans())
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        PLAIN,
        st.lists(PLAIN, max_size=3),
        st.fixed_dictionaries({"command": st.text()}),
    ),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_whatever_is_written_is_read_again(data: dict[str, Any]) -> None:
    assert tomllib.loads(as_toml(data)) == data


def test_it_looks_as_a_person_would_write_it() -> None:
    imap = {"host": "imap.example.com", "password": {"command": "pass show x"}}
    data = {"agent": {"login": "anna"}, "accounts": {"support": {"channel": "email", "imap": imap}}}
    assert as_toml(data) == (
        '[agent]\nlogin = "anna"\n\n[accounts.support]\nchannel = "email"\n\n'
        '[accounts.support.imap]\nhost = "imap.example.com"\n'
        'password = { command = "pass show x" }\n'
    )


def test_a_new_file_is_private_and_takes_no_other_ones_place(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    create(path, "x = 1\n")
    assert path.read_text() == "x = 1\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ConfigError, match="exists already"):
        create(path, 'password = "hunter2"\n')
    assert path.read_text() == "x = 1\n"
    assert [one.name for one in path.parent.iterdir()] == ["config.toml"]
    with pytest.raises(ConfigError, match="cannot be written") as error:
        create(path / "below", 'password = "hunter2"\n')
    assert error.value.__context__ is None
