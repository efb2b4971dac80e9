"""What is asked for a new community: its number and its access key."""

from typing import Any

from pfinbox.domain.contract.setup import Answers, Page, Question, Setup
from pfinbox.i18n import _


def setup() -> Setup:
    """The questions, in the reader's language."""
    return Setup(
        title=_("Make a VK account"),
        about=_("a community that clients write to"),
        pages=(
            Page(
                _("The community"),
                (
                    Question(
                        "group_id",
                        _("number"),
                        help=_("As in vk.com/club123456: 123456. Messages must be switched on."),
                        check=_bad_number,
                    ),
                ),
            ),
            Page(
                _("The access key"),
                (
                    Question(
                        "token",
                        _("key"),
                        "secret",
                        help=_(
                            "Manage, API usage: make a key with the rights to messages, photos and"
                            " documents, and switch on Long Poll, version 5.199, with all events of"
                            " messages."
                        ),
                    ),
                ),
            ),
        ),
        settings=settings,
        account=lambda answers: "vk",
    )


def settings(answers: Answers) -> dict[str, Any]:
    """The keys of the account's section."""
    return {"token": answers["token"], "group_id": int(_number(answers["group_id"]))}


def _number(text: str) -> str:
    return text.strip().rpartition("/")[2].removeprefix("club").removeprefix("public")


def _bad_number(text: str) -> str | None:
    number = _number(text)
    good = number.isascii() and number.isdecimal() and int(number) > 0
    return None if good else _("This must be a number, or an address like vk.com/club123456.")
