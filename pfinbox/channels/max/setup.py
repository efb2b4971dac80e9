"""What is asked for a new bot: its token."""

import secrets
from typing import Any

from pfinbox.domain.contract.setup import Answers, Page, Question, Setup
from pfinbox.i18n import _


def setup() -> Setup:
    """The questions, in the reader's language."""
    return Setup(
        title=_("Make a MAX account"),
        about=_("a bot that clients write to"),
        pages=(
            Page(
                _("The bot's token"),
                (
                    Question(
                        "token",
                        _("token"),
                        "secret",
                        help=_("At business.max.ru, under the bot's settings, once it is checked."),
                    ),
                ),
            ),
            Page(
                _("How messages come"),
                (
                    Question(
                        "mode",
                        _("by"),
                        "choice",
                        default="webhook",
                        choices=(
                            ("webhook", _("requests to the web door, which must be reachable")),
                            ("poll", _("asking for them: for a trial only")),
                        ),
                    ),
                ),
            ),
        ),
        settings=settings,
        account=lambda answers: "max",
    )


def settings(answers: Answers) -> dict[str, Any]:
    """The keys of the account's section; MAX gets a secret that is made now."""
    made: dict[str, Any] = {"token": answers["token"], "mode": answers["mode"]}
    if answers["mode"] == "webhook":
        made["secret"] = secrets.token_urlsafe(32)
    return made
