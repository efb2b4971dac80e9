"""What the chat's window says, in the language that is spoken now."""

from markupsafe import Markup, escape

from pfinbox.i18n import _
from pfinbox.web.site import Chat

_PRIVACY = Markup(' <a href="{}" target="_blank" rel="noopener">{}</a>')


def window_words(chat: Chat, company: str, *, mails: bool) -> dict[str, str]:
    """By the places in the window's page; some of them its script puts where they belong.

    ``mails``: what is not seen follows by e-mail.
    """
    return {
        "title": company or _("Chat"),
        "greeting": chat.greeting or _("Write to us; we answer here."),
        "absent": _absent(mails),
        "back": _("We are back {time}."),
        "you": _("You"),
        "us": company or _("We"),
        "writes": _("{name} is writing"),
        "sending": _("is being sent"),
        "edited": _("edited"),
        "change": _("Change"),
        "changing": _("Change your message"),
        "save": _("Save"),
        "remove": _("Delete"),
        "cancel": _("Cancel"),
        "late": _("That was written too long ago to be changed."),
        "gone": _("Your message is deleted."),
        "ask": _("Where does our answer reach you when you have left?"),
        "name": _("Your name"),
        "email": _("Your e-mail address"),
        "keep": _("Keep it"),
        "later": _("Not now"),
        "thanks": _("Thank you. What you do not see here follows by e-mail."),
        "write": _("Write to us"),
        "message": _("Your message"),
        "files": _("Add files"),
        "send": _("Send"),
        "failed": _("That was not sent. Please try again."),
        "large": _("Five files at most, and 10 MB together."),
        "often": _("That was too often. Please wait a minute."),
        "consent": _consent(chat, company),
        "close": _("Close the chat"),
    }


def _absent(mails: bool) -> str:
    if mails:
        return _("Nobody is here just now. Leave an e-mail address, and the answer comes there.")
    return _("Nobody is here just now. Write all the same: the answer comes here.")


def _consent(chat: Chat, company: str) -> str:
    kept = _("What you write is kept by {company}.").format(company=company or _("this site"))
    if not chat.privacy_url:
        return chat.consent or kept
    return escape(chat.consent or kept) + _PRIVACY.format(chat.privacy_url, _("About privacy"))
