"""Printing: JSON for scripts, lines for people; what clients wrote never reaches a terminal raw."""

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from pfinbox.cli.shell.speaking import option
from pfinbox.domain.text.cleaning import MAX_TEXT, clean, clean_value
from pfinbox.i18n import N_

json_option = option("--json", "as_json", is_flag=True, help=N_("Print JSON."))


def print_json(value: Any, indent: int | None = 2) -> None:
    """One JSON value, made harmless once more; readable Cyrillic where the output can carry it."""
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    harmless = clean_value(value, MAX_TEXT)
    click.echo(json.dumps(harmless, ensure_ascii=encoding != "utf8", indent=indent))


def print_lines(lines: Iterable[str]) -> None:
    """Text for people, made harmless once more: escape sequences would act on a terminal."""
    for line in lines:
        click.echo(clean(line))


def print_bytes(content: bytes) -> None:
    """As they came, into a file or a pipe; a terminal is shown them as words that do nothing."""
    if sys.stdout.isatty():
        content = clean(content.decode("utf-8", "replace")).encode()
    click.echo(content, nl=False)


def utc(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, as JSON carries times."""
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None
