"""What is asked for a new account of Meta's: ids, token, the app's secret."""

import secrets
from typing import Any

from pfinbox.channels.meta.ids import check_id
from pfinbox.domain.contract.setup import Answers, Page, Question, Setup
from pfinbox.i18n import _


def whatsapp() -> Setup:
    """The questions, in the reader's language."""
    number = Question(
        "phone_number_id",
        _("phone number id"),
        help=_("In the app at developers.facebook.com: WhatsApp, API Setup."),
        check=check_id,
    )
    token = _("A system user's token with whatsapp_business_messaging and _management rights.")
    return _setup(
        _("Make a WhatsApp account"), _("a number of the Cloud API"), number, token, "whatsapp"
    )


def messenger() -> Setup:
    """The questions, in the reader's language."""
    token = _("The page's token with the right pages_messaging, from the app's Messenger settings.")
    return _setup(_("Make a Messenger account"), _("a Facebook page"), _page(), token, "messenger")


def instagram() -> Setup:
    """The questions, in the reader's language."""
    token = _("The page's token with the right instagram_manage_messages.")
    return _setup(
        _("Make an Instagram account"),
        _("a professional account that belongs to a Facebook page"),
        _page(),
        token,
        "instagram",
    )


def _page() -> Question:
    return Question(
        "page_id", _("page id"), help=_("On the page: About, Page transparency."), check=check_id
    )


def _setup(title: str, about: str, ident: Question, token: str, name: str) -> Setup:
    secret = _("In the app's settings, Basic: App secret.")
    callback = _(
        "Words of your own: enter them at Meta beside the callback URL, which is the door's"
        " base_url and /hooks/NAME, once the daemon runs."
    )

    def settings(answers: Answers) -> dict[str, Any]:
        """The keys of the account's section."""
        return {
            ident.name: answers[ident.name].strip(),
            "token": answers["token"],
            "app_secret": answers["app_secret"],
            "verify_token": answers["verify_token"].strip(),
        }

    return Setup(
        title=title,
        about=about,
        pages=(
            Page(ident.label.capitalize(), (ident,)),
            Page(_("The access token"), (Question("token", _("token"), "secret", help=token),)),
            Page(
                _("The app's secret"),
                (Question("app_secret", _("secret"), "secret", help=secret),),
            ),
            Page(
                _("What Meta says back"),
                (
                    Question(
                        "verify_token",
                        _("verify token"),
                        help=callback,
                        default=secrets.token_urlsafe(16),
                    ),
                ),
            ),
        ),
        settings=settings,
        account=lambda answers: name,
    )
