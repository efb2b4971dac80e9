"""The core's own configuration keys as data: kinds, defaults, and what their values may be.

The keys of a channel stand in the channel's own description; here are ``[database]``,
``[inbox]``, ``[agent]`` and what every ``[accounts.NAME]`` has in common.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pfinbox.config.web_keys import WEB
from pfinbox.domain.contract.settings import Key, Table
from pfinbox.domain.inviting import STALE
from pfinbox.domain.text import acknowledgement
from pfinbox.i18n import LANGUAGES, _

ACCOUNT_NAME = re.compile(r"[a-z0-9_-]{1,40}")

# Names under which channels keep passwords and tokens; only used to warn about them.
INLINE_SECRET = re.compile(r"(?:^|_)(?:password|passphrase|secret|token|key)$")

_HOURS = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d")
_DAYS = re.compile(r"[1-9][0-9]{0,3}d")
_BARE = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}


def async_url(url: str, base: Path) -> str | None:
    """``url`` with the async driver in its scheme, or None when it names no database we know.

    A relative SQLite path is meant from ``base``, the configuration's folder, as anything else
    would be another database in every directory.
    """
    scheme, found, rest = url.partition("://")
    scheme = _BARE.get(scheme, scheme)
    if not found or scheme not in _BARE.values():
        return None
    if scheme != "sqlite+aiosqlite":
        return f"{scheme}://{rest}"
    path, mark, query = rest.partition("?")
    # In memory it would be gone at the end, and another one for the daemon.
    if not path.startswith("/") or path == "/" or path == "/:memory:":
        return None
    return f"{scheme}:///{base / os.path.expanduser(path[1:])}{mark}{query}"


def bad_url(url: str) -> str | None:
    if async_url(url, Path("/")) is not None:
        return None
    # The value is not repeated: it may hold a password.
    return _("it must begin with sqlite:/// and a path, or with postgresql://")


def _bad_zone(name: str) -> str | None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _("this machine knows no time zone {name}").format(name=name)
    return None


def _bad_hours(hours: str) -> str | None:
    if _HOURS.fullmatch(hours):
        return None
    return _('it must be two times of day such as "20:00-08:00"')


def _bad_range(low: int, high: int) -> Callable[[int], str | None]:
    def problem(value: int) -> str | None:
        if low <= value <= high:
            return None
        return _("it must be from {low} to {high}").format(low=low, high=high)

    return problem


def _bad_seconds(value: object) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 60:
        return None
    return _("it must be a number of seconds from 0 to 60")


def _bad_statuses(names: list[str]) -> str | None:
    if not names:
        return _("it must name at least one status")
    for name in names:
        if not name.isprintable() or name != name.strip() or not 0 < len(name) <= 40:
            return _("a status is one line of 1 to 40 characters")
    return None


def _bad_logins(logins: list[str]) -> str | None:
    return None if logins else _("it must name at least one agent; leave it out for all")


def _bad_reopening(value: object) -> str | None:
    if isinstance(value, bool) or (isinstance(value, str) and _DAYS.fullmatch(value)):
        return None
    return _('it must be true, false or a number of days such as "14d"')


def _bad_days(value: str) -> str | None:
    return None if _DAYS.fullmatch(value) else _('it must be a number of days such as "90d"')


def _bad_template(text: str) -> str | None:
    wrong = acknowledgement.problem(text)
    if wrong is None:
        return None
    if not wrong:
        return _("it must be a text of at most {n} characters").format(n=acknowledgement.LONGEST)
    return _("it knows {{task}}, the task's number, but not {{{name}}}").format(name=wrong)


DATABASE = Table({"url": Key("secret", doc="Where the inbox is stored")})

STATUSES = Table(
    {
        "active": Key("list", ("new", "open", "waiting"), check=_bad_statuses),
        "inactive": Key("list", ("done", "rejected"), check=_bad_statuses),
    }
)

INBOX = Table(
    {
        "company": Key(default="", doc="The company's name as clients see it"),
        "contacts_see": Key(
            default="notified",
            choices=("notified", "company", "contacts", "all"),
            doc="Which comments a contact with access sees",
        ),
        "undo_send": Key(
            "int", 10, check=_bad_range(0, 3600), doc="Seconds to take a comment back"
        ),
        "late_limit_hours": Key(
            "int", 4, check=_bad_range(0, 8760), doc="A missed schedule is held when later"
        ),
        "mail_account": Key(doc="The account that sends mail which has no account of its own"),
        "stale_invitation": Key(
            default=STALE, doc="What is said to a client with an invitation that is not valid"
        ),
        "keep_raw": Key(check=_bad_days, doc="How long what was received is kept as it came"),
        "keep_attachments": Key(check=_bad_days, doc="How long files of finished tasks are kept"),
        "statuses": STATUSES,
    }
)

AGENT = Table(
    {
        "login": Key(doc="Who works on this machine"),
        "language": Key(choices=LANGUAGES, doc="Language of the screens"),
        "timezone": Key(check=_bad_zone, doc="Time zone of the times shown"),
        "theme": Key(doc="Colours of the screens"),
        "notices": Key(
            default="bell",
            choices=("off", "bell", "osc9", "osc777", "osc99"),
            doc="How a new message is told outside the screen",
        ),
        "quiet_hours": Key(check=_bad_hours, doc="Hours without bell and notices"),
        "read_after": Key(
            "any", 1.5, check=_bad_seconds, doc="Seconds after which a task looked at is read"
        ),
        "drop_folder": Key(doc="Where files are saved to and attached from"),
    }
)

ACCOUNT = Table(
    {
        "channel": Key(required=True, doc="The kind of medium"),
        "role": Key(default="shared", choices=("shared", "personal")),
        "owner": Key(doc="The agent to whom a personal account belongs"),
        "agents": Key("list", check=_bad_logins, doc="Who sees its tasks; default all"),
        "new_task_after_close": Key("any", check=_bad_reopening, doc="R6; default per channel"),
        "acknowledgement": Key(check=_bad_template, doc="What answers a new task by itself"),
        "contact_notices_by_mail": Key(
            "bool", default=True, doc="Agents' answers by e-mail may go to contacts (R22)"
        ),
    }
)

LOG = Table(
    {"format": Key(default="logfmt", choices=("logfmt", "json"), doc="How a line is written")}
)

SECTIONS: Mapping[str, Table] = {
    "database": DATABASE,
    "inbox": INBOX,
    "agent": AGENT,
    "web": WEB,
    "log": LOG,
    "keys": Table(),
    "accounts": Table(),
}
