"""What is asked for a new webhook: where answers go, and what both directions are signed with."""

from typing import Any

from pfinbox.domain.contract.addresses import service_address
from pfinbox.domain.contract.setup import Answers, Page, Question, Setup
from pfinbox.i18n import _


def setup() -> Setup:
    """The questions, in the reader's language."""
    return Setup(
        title=_("Make a webhook"),
        about=_("a shop, a gateway or a script of yours"),
        pages=(
            Page(
                _("Where answers go"),
                (
                    Question(
                        "send_url",
                        _("address"),
                        help=_("Answers are posted there; empty: it only receives."),
                        optional=True,
                        check=service_address("https://shop.example/pfinbox"),
                    ),
                ),
            ),
            Page(
                _("The secret"),
                (
                    Question(
                        "secret",
                        _("secret"),
                        "secret",
                        help=_("Of your own choice: it signs what goes in both directions."),
                    ),
                ),
            ),
        ),
        settings=settings,
        account=lambda answers: "webhook",
    )


def settings(answers: Answers) -> dict[str, Any]:
    """The keys of the account's section."""
    address = str(answers.get("send_url") or "").strip()
    return {"secret": answers["secret"]} | ({"send_url": address} if address else {})
