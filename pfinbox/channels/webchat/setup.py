"""What is asked for a new website chat: which sites show it, and what stands above it."""

from typing import Any

from pfinbox.channels.webchat.origins import check_origins
from pfinbox.domain.contract.setup import Answers, Page, Question, Setup
from pfinbox.i18n import _


def setup() -> Setup:
    """The questions, in the reader's language."""
    return Setup(
        title=_("Make a website chat"),
        about=_("a button on your site, or a page by link"),
        pages=(
            Page(
                _("The sites"),
                (
                    Question(
                        "origins",
                        _("addresses"),
                        help=_("Like https://shop.example, with commas between; none: by link."),
                        optional=True,
                        check=lambda answer: check_origins(_listed(answer)),
                    ),
                    Question(
                        "greeting",
                        _("greeting"),
                        help=_("What stands above an empty chat; empty: our own words."),
                        optional=True,
                    ),
                ),
            ),
        ),
        settings=settings,
        account=lambda answers: "chat",
    )


def settings(answers: Answers) -> dict[str, Any]:
    """The keys of the account's section."""
    greeting = str(answers.get("greeting") or "").strip()
    named = {"greeting": greeting} if greeting else {}
    return {"origins": _listed(str(answers.get("origins") or "")), **named}


def _listed(answer: str) -> list[str]:
    return [one.strip().rstrip("/") for one in answer.split(",") if one.strip()]
