"""What is asked for a new bot: its token, and where it works."""

from typing import Any

from pfinbox.channels.telegram.settings import PUBLIC_API, SETTINGS
from pfinbox.domain.contract.settings import Key
from pfinbox.domain.contract.setup import Answers, Page, Question, Setup
from pfinbox.i18n import _


def setup() -> Setup:
    """The questions, in the reader's language."""
    return Setup(
        title=_("Make a Telegram account"),
        about=_("a bot that clients write to"),
        pages=(
            Page(
                _("The bot's token"),
                (
                    Question(
                        "token",
                        _("token"),
                        "secret",
                        help=_("In Telegram, @BotFather makes a bot with /newbot and tells it."),
                    ),
                ),
            ),
            Page(_("Where the bot works"), _places()),
        ),
        settings=settings,
        account=lambda answers: "bot",
    )


def _places() -> tuple[Question, ...]:
    return (
        Question(
            "groups",
            _("groups"),
            "choice",
            default="no",
            choices=(("no", _("only talks with one client")), ("yes", _("groups as well"))),
            help=_("Whether messages in groups become tasks as well."),
        ),
        Question(
            "api_base",
            _("server"),
            default=PUBLIC_API,
            help=_("Telegram's own; another only if you run a Bot API server yourself."),
            check=_bad_base,
        ),
    )


def settings(answers: Answers) -> dict[str, Any]:
    """The keys of the account's section; what has its default value is left out."""
    made: dict[str, Any] = {"token": answers["token"]}
    base = answers["api_base"].strip().rstrip("/")
    if base != PUBLIC_API:
        made["api_base"] = base
    if answers["groups"] == "yes":
        made["groups"] = True
    return made


def _bad_base(text: str) -> str | None:
    key = SETTINGS.keys["api_base"]
    return key.check(text.strip()) if isinstance(key, Key) and key.check else None
