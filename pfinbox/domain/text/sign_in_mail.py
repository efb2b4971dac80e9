"""The mail with a link to a contact's own page (R40), in the language that is spoken."""

from pfinbox.domain.text.cleaning import clean_line
from pfinbox.i18n import _
from pfinbox.record import record


@record
class SignInMail:
    subject: str
    text: str


def sign_in_mail(company: str, link: str, minutes: int, *, invited: bool) -> SignInMail:
    """The subject and the text; ``invited``: an agent sends it, the contact did not ask."""
    name = clean_line(company, 200)
    if name:
        subject = _("Your page at {company}").format(company=name)
        opening = _("With this link you see all your conversations with {company}:").format(
            company=name
        )
    else:
        subject = _("Your page")
        opening = _("With this link you see all your conversations with us:")
    blocks = [
        opening,
        link,
        _("It works once, within {n} minutes. There is no password.").format(n=minutes),
    ]
    if not invited:
        blocks.append(_("If you did not ask for it, you need not do anything."))
    return SignInMail(subject, "\n\n".join(blocks))
