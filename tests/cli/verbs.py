"""The verbs of the program with what each parameter names: for tests that walk all of them (R46).

A verb or a parameter that is added later is covered by its name, or :func:`kind_of` asks what it
takes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import click

from pfinbox.cli.app import root
from pfinbox.domain.rights import RIGHTS, By
from tests.cli.conftest import Cli
from tests.cli.others import OTHERS_ACCOUNTS, SECRET

# Verbs that read the configuration or begin something; no agent's eyes are asked for.
OUTSIDE = {"tui", "daemon", "web", "demo", "init", "doctor"}
# The verbs of what only an admin may; others are refused (6) whatever they name. Of one, an option.
_VERB_OF = {
    "agents.add": "agent add",
    "absence.deactivate": "agent deactivate",
    "absence.preview_deactivate": "agent deactivate",
    "erasing.preview_erase": "contact erase",
    "erasing.erase_contact": "contact erase",
    "restore_guard.release": "outbox release",
    "configuration.confirm_contacts_see": None,
    "backup.backup": "backup",
    "restore.restore": "restore",
    "schema.upgrade": "db upgrade",
    "schema.check": "db check",
    "moving.copy": "db copy",
    "account_check.check": "account check",
}
ADMINS = {_VERB_OF[name] for name, right in RIGHTS.items() if right.by is By.ADMIN}

# Verbs whose whole output is looked at in both forms, also as an admin sees it.
READING = {"list", "show", "search", "status", "export"}

# What a parameter of this name takes. "who": agent:LOGIN or contact:ID.
KINDS = {
    "task_id": "task",
    "task_ids": "task",
    "to_task": "task",
    "comment_id": "comment",
    "comment_ids": "comment",
    "quote": "comment",
    "seen": "comment",
    "raw": "comment",
    "contact_id": "contact",
    "contact": "contact",
    "as_contact": "contact",
    "delivery_id": "delivery",
    "attachment_id": "attachment",
    "receipt_id": "receipt",
    "receipt_ids": "receipt",
    "account": "account",
    "reply_via": "account",
    "addresses": "account's address",
    "assignee": "who",
    "participants": "who",
    "leaving": "who",
    "notify": "who",
    "login": "agent",
    "deputy": "agent",
    "survivor": "task",
    "others": "task",
    # Looked for, not named: nothing is found.
    "query": "words",
    "view": "view",
}
BY_VERB = {
    ("contact merge", "survivor"): "contact",
    ("contact merge", "others"): "contact",
    # The bytes themselves, not a comment.
    ("quarantine show", "raw"): "",
    # A session of the contact that is named beside it.
    ("contact portal-sessions", "revoke"): "",
    # One of the card that is named beside it.
    ("contact picture", "address_id"): "",
    # A new one.
    ("agent add", "login"): "",
}
# Words of one's own, moments, switches and files: they name nothing that is in the store.
OWN_WORDS = {
    "title",
    "status",
    "unassign",
    "tags",
    "untags",
    "snooze",
    "no_snooze",
    "as_json",
    "everything",
    "limit",
    "text",
    "text_file",
    "internal",
    "attach",
    "template",
    "parameter",
    "send_at",
    "send_anyway",
    "address",
    "hidden",
    "quote_unseen",
    "reply_all",
    "separately",
    "force",
    "key",
    "dry_run",
    "then",
    "cc",
    "subject",
    "removed",
    "mine",
    "to",
    "name",
    "company",
    "selectable",
    "notes",
    "see_as",
    "contacts_see",
    "portal",
    "main_address",
    "ways",
    "states",
    "when",
    "email",
    "admin",
    "notices",
    "away",
    "back",
    "folder",
    "yes",
    "resend",
    "keep",
    "repair",
    "public_name",
    "picture",
}


# One asks a server, the other leaves the store silent behind; for admins, and tried by themselves.
_ELSEWHERE = {("account", "check"), ("db", "copy")}


def commands(
    group: click.Command = root, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Every verb with its whole name."""
    if not isinstance(group, click.Group):
        yield " ".join(path), group
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        if not path and name in OUTSIDE:
            continue
        if (*path, name) in _ELSEWHERE:
            continue
        found = group.get_command(context, name)
        assert found is not None
        yield from commands(found, (*path, name))


def kind_of(verb: str, parameter: click.Parameter) -> str:
    """What the parameter names; empty: nothing in the store."""
    name = parameter.name or ""
    kind = BY_VERB.get((verb, name), KINDS.get(name))
    if kind is None and name in OWN_WORDS:
        return ""
    assert kind is not None, f"{verb}: what does {name} take? say so in KINDS or OWN_WORDS"
    return kind


@dataclass(frozen=True)
class Call:
    """A verb as an agent could call it; ``arguments`` in the order of the verb's own."""

    verb: str
    arguments: dict[str, list[str]]
    options: tuple[str, ...] = ()

    def words(self) -> list[str]:
        return [*self.verb.split(), *self.options, "--", *chain(*self.arguments.values())]


def base(cli: Cli, verb: str, command: click.Command, seen: dict[str, int]) -> Call:
    """A call that names what the agent may see only."""
    options: dict[str, list[str]] = {
        "task new": ["--title", "T"],
        "task comment": ["--text", "x", "--notify", "client"],
        "task set": ["--tag", "x"],
        "task forward": ["--to", "other@client.example"],
        "task edit-comment": ["--hide"],
        "contact new": ["--name", "N"],
        "contact set": ["--company", "C"],
        "contact message": ["--account", "support", "--text", "x", "--title", "T"],
        "agent set": ["--away", "in 2h"],
        "outbox edit": ["--text", "x"],
        "outbox reroute": ["--reply-via", "support"],
        "attachment get": ["--to", "-"],
        "contact picture": ["--to", "-"],
        "canned set": ["--text", "x"],
    }
    arguments: dict[str, list[str]] = {}
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            name, kind = parameter.name or "", kind_of(verb, parameter)
            other = "other " if name in ("others", "to_task") else ""
            value = str(seen.get(other + kind, 99))
            if not kind:
                value = {
                    "when": "tomorrow",
                    "folder": str(cli.config.parent / "saved"),
                    "login": "new",
                    "name": "Greeting",
                }[name]
            if kind == "account":
                value = "support"
            if kind in ("agent", "words"):
                value = "boris" if kind == "agent" else SECRET
            arguments[name] = [value]
    return Call(verb, arguments, tuple(options.get(verb, ())))


def secrets(kind: str, hidden: dict[str, list[int]]) -> list[str]:
    """Values of a kind that are not the agent's to name."""
    if kind == "who":
        return [f"contact:{hidden['contact'][0]}", "agent:ghost"]
    if kind == "account":
        return list(OTHERS_ACCOUNTS)
    fixed = {
        "account's address": ["annabot:123"],
        "agent": ["ghost"],
        "words": [f"{SECRET}word"],
        "view": ["account:annapriv", f"tag:{SECRET}tag"],
    }
    # The first ones are of the same conversation; the last one is another person's.
    ids = hidden.get(kind, [])[:2] + hidden.get(kind, [])[-1:]
    return fixed.get(kind) or [str(i) for i in dict.fromkeys(ids)]


def with_secret(call: Call, parameter: click.Parameter, value: str) -> Call:
    name = parameter.name or ""
    if isinstance(parameter, click.Argument):
        return replace(call, arguments={**call.arguments, name: [value]})
    return replace(call, options=(*call.options, max(parameter.opts, key=len), value))
