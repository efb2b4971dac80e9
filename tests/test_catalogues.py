"""The catalogues are complete, and their sentences take what those in the source take."""

import string
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message

from pfinbox.i18n import LANGUAGES
from tests.catalogues import forms, read, template

OTHERS = [language for language in LANGUAGES if language != "en"]


@cache
def fresh() -> Catalog:
    return template()


def entries() -> Iterator[Message]:
    return (message for message in fresh() if message.id)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_keeps_its_placeholders(language: str) -> None:
    catalog, wrong = read(language), []
    for wanted in entries():
        found = catalog.get(wanted.id, wanted.context)
        if found is None or found.id != wanted.id or not all(forms(found)):
            wrong.append(f"not translated: {wanted.id}")
            continue
        if found.fuzzy:
            wrong.append(f"fuzzy: {wanted.id}")
        if len(forms(found)) != (1 if isinstance(wanted.id, str) else catalog.num_plurals):
            wrong.append(f"plural forms: {wanted.id}")
        one = wanted.id if isinstance(wanted.id, str) else wanted.id[-1]
        for text in forms(found):
            if not (fields(text) == fields(one) or wanted.pluralizable):
                wrong.append(f"placeholders: {text}")
            if not set(fields(text)) <= {*fields(one), *fields(ids(wanted)[0])}:
                wrong.append(f"placeholders: {text}")
            if edges(text) != edges(one):
                wrong.append(f"begins or ends otherwise: {text}")
    wrong += [
        f"no longer used: {m.id}" for m in catalog if m.id and fresh().get(m.id, m.context) is None
    ]
    assert not wrong, "\n".join([*wrong, "python -m tests.catalogues brings them up to date"])


def ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def fields(text: str) -> list[str]:
    """What ``str.format`` would put into ``text``; nothing where it is no template."""
    try:
        found = [(name, form, kind) for _, name, form, kind in string.Formatter().parse(text)]
    except ValueError:
        return []
    return sorted(f"{name}!{kind}:{form}" for name, form, kind in found if name is not None)


def edges(text: str) -> tuple[str, str, bool]:
    """The blanks around it, since pieces are put together, and whether it ends as a sentence."""
    bare = text.strip(" ")
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :], bare.endswith(".")


@pytest.mark.parametrize("language", OTHERS)
def test_whatever_is_put_into_a_sentence_it_can_be_formatted(language: str) -> None:
    catalog = read(language)
    for message in entries():
        names = {name.split("!")[0] for text in ids(message) for name in fields(text)}
        found = catalog.get(message.id, message.context)
        for text in forms(found) if found is not None else ():
            for value in (0, "", "{x} %s \x1b[2J [/] ‮"):
                if names:
                    text.format(**dict.fromkeys(names, value))
