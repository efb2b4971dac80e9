"""What is asked for a new seller: the profile's number, and the application's id and secret."""

from typing import Any

from pfinbox.domain.contract.setup import Answers, Page, Question, Setup
from pfinbox.i18n import _


def setup() -> Setup:
    """The questions, in the reader's language."""
    return Setup(
        title=_("Make an Avito account"),
        about=_("a seller whom buyers write to"),
        pages=(
            Page(
                _("The profile"),
                (
                    Question(
                        "user_id",
                        _("number"),
                        help=_("It stands in the profile, beside the name."),
                        check=_bad_number,
                    ),
                    Question(
                        "client_id",
                        _("client id"),
                        help=_(
                            "At avito.ru/professionals/api. The paid plan must have the API of"
                            " messages."
                        ),
                    ),
                ),
            ),
            Page(_("The secret"), (Question("client_secret", _("client secret"), "secret"),)),
        ),
        settings=settings,
        account=lambda answers: "avito",
    )


def settings(answers: Answers) -> dict[str, Any]:
    """The keys of the account's section."""
    return {
        "client_id": answers["client_id"].strip(),
        "client_secret": answers["client_secret"],
        "user_id": int(_number(answers["user_id"])),
    }


def _number(text: str) -> str:
    return "".join(text.split())


def _bad_number(text: str) -> str | None:
    number = _number(text)
    good = number.isascii() and number.isdecimal() and int(number) > 0
    return None if good else _("This must be a whole number.")
