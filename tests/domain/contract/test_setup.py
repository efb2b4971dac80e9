"""A channel that declares no questions of its own is asked about by the keys that it requires."""

from typing import Any

from pfinbox.domain.contract.settings import Key, Secret, Table, check
from pfinbox.domain.contract.setup import plain_setup

SETTINGS = Table(
    keys={
        "token": Key("secret", required=True, doc="The token."),
        "server": Table(
            required=True,
            keys={
                "host": Key(required=True, doc="Its name."),
                "port": Key("int", required=True, check=lambda v: None if v else "not zero"),
                "kind": Key(required=True, choices=("a", "b")),
                "timeout": Key("int", default=3),
            },
        ),
        "proxy": Table(keys={"host": Key(required=True)}),
        "rooms": Key("list", required=True),
        "loud": Key("bool", required=True),
    }
)


def test_its_required_keys_become_questions_and_the_answers_a_section() -> None:
    setup = plain_setup("matrix", "Matrix", SETTINGS)
    first, second = setup.pages
    questions = {question.name: question for question in first.questions}
    assert list(questions) == ["server.host", "server.port", "server.kind", "rooms", "loud"]
    assert second.secret is not None
    assert second.secret.name == "token"
    assert questions["server.kind"].choices == (("a", "a"), ("b", "b"))
    assert questions["server.port"].problem("x")
    assert questions["server.port"].problem("0") == "not zero"
    assert questions["server.host"].problem(" ")
    answers: dict[str, Any] = {
        "server.host": "h ",
        "server.port": "8448",
        "server.kind": "b",
        "rooms": "#one, #two",
        "loud": "true",
        "token": {"env": "T"},
    }
    made = setup.settings(answers)
    assert made == {
        "server": {"host": "h", "port": 8448, "kind": "b"},
        "rooms": ["#one", "#two"],
        "loud": True,
        "token": {"env": "T"},
    }
    values = check(made, SETTINGS, where="a", source="s", secret=lambda v, _: Secret(str(v)))
    assert values["server"]["timeout"] == 3
