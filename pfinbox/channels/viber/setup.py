"""What is asked for a new bot: its token."""

from pfinbox.domain.contract.setup import Page, Question, Setup
from pfinbox.i18n import _


def setup() -> Setup:
    """The questions, in the reader's language."""
    return Setup(
        title=_("Make a Viber account"),
        about=_("a bot that clients write to"),
        pages=(
            Page(
                _("The bot's token"),
                (
                    Question(
                        "token",
                        _("token"),
                        "secret",
                        help=_(
                            "In Viber under More, Settings, Bots, Edit info: the app key. Requests"
                            " come to the web door, which must be reachable."
                        ),
                    ),
                ),
            ),
        ),
        settings=lambda answers: {"token": answers["token"]},
        account=lambda answers: "viber",
    )
