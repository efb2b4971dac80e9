"""Where well-known providers have their servers, and likely places for everybody else's.

The providers' own help pages name these servers; Thunderbird's ISPDB has them as data:
https://github.com/thunderbird/autoconfig
"""

from pfinbox.i18n import _
from pfinbox.record import record


@record
class Place:
    """A server: ``tls`` is ssl or starttls."""

    host: str
    port: int
    tls: str = "ssl"


@record
class Provider:
    imap: Place
    smtp: Place
    auth: str = "password"
    # What a person has to do there first: "", app_password, enable or token.
    first: str = ""
    page: str = ""

    def note(self) -> str:
        """What a person has to do at the provider's before a program may sign in."""
        words = {
            "app_password": _("The provider takes only an app password, made for this program."),
            "enable": _("Access by IMAP has to be switched on at the provider's first."),
            "token": _(
                "The provider takes no passwords: a command has to print a token (mailctl, oama …)."
            ),
        }.get(self.first, "")
        return " ".join(part for part in (words, self.page) if part)


def _usual(imap: str, smtp: str, first: str = "", page: str = "") -> Provider:
    return Provider(Place(imap, 993), Place(smtp, 465), first=first, page=page)


def _microsoft(smtp: str) -> Provider:
    return Provider(
        Place("outlook.office365.com", 993),
        Place(smtp, 587, "starttls"),
        auth="xoauth2",
        first="token",
    )


_APP, _ON = "app_password", "enable"
_PROVIDERS: dict[str, Provider] = {
    "gmail.com googlemail.com": _usual(
        "imap.gmail.com", "smtp.gmail.com", _APP, "https://myaccount.google.com/apppasswords"
    ),
    "outlook.com hotmail.com live.com msn.com": _microsoft("smtp-mail.outlook.com"),
    "office365.com": _microsoft("smtp.office365.com"),
    "yandex.ru ya.ru yandex.com yandex.by yandex.kz narod.ru": _usual(
        "imap.yandex.ru", "smtp.yandex.ru", _APP, "https://id.yandex.ru/security/app-passwords"
    ),
    "mail.ru inbox.ru list.ru bk.ru internet.ru": _usual(
        "imap.mail.ru", "smtp.mail.ru", _APP, "https://account.mail.ru/user/2-step-auth/passwords"
    ),
    "wp.pl": _usual("imap.wp.pl", "smtp.wp.pl", _ON),
    "onet.pl op.pl vp.pl onet.eu poczta.onet.pl poczta.onet.eu": _usual(
        "imap.poczta.onet.pl", "smtp.poczta.onet.pl", _ON
    ),
    "interia.pl interia.eu interia.com poczta.fm": _usual(
        "poczta.interia.pl", "poczta.interia.pl", _ON
    ),
    "o2.pl go2.pl tlen.pl prokonto.pl": _usual("poczta.o2.pl", "poczta.o2.pl", _ON),
    "icloud.com me.com mac.com": Provider(
        Place("imap.mail.me.com", 993),
        Place("smtp.mail.me.com", 587, "starttls"),
        first=_APP,
        page="https://account.apple.com",
    ),
    "fastmail.com fastmail.fm": _usual("imap.fastmail.com", "smtp.fastmail.com", _APP),
    "gmx.com gmx.us gmx.co.uk gmx.fr gmx.es": _usual("imap.gmx.com", "mail.gmx.com", _ON),
    "gmx.net gmx.de gmx.at gmx.ch": _usual("imap.gmx.net", "mail.gmx.net", _ON),
    "zoho.com zohomail.com": _usual("imap.zoho.com", "smtp.zoho.com", _ON),
    "zoho.eu zohomail.eu": _usual("imap.zoho.eu", "smtp.zoho.eu", _ON),
    "yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.pl ymail.com rocketmail.com": _usual(
        "imap.mail.yahoo.com",
        "smtp.mail.yahoo.com",
        _APP,
        "https://login.yahoo.com/account/security",
    ),
}
_BY_DOMAIN = {domain: one for domains, one in _PROVIDERS.items() for domain in domains.split()}


def provider_of(domain: str) -> Provider | None:
    """The well-known provider of addresses in ``domain`` (lower case), None for any other."""
    if domain.endswith(".onmicrosoft.com"):
        domain = "office365.com"
    return _BY_DOMAIN.get(domain)


def imap_places(domain: str) -> tuple[Place, ...]:
    """Where the IMAP server of ``domain`` may be, likeliest first."""
    hosts = (f"imap.{domain}", f"mail.{domain}", domain)
    safe = [Place(host, 993) for host in hosts]
    return (*safe, *(Place(host, 143, "starttls") for host in hosts[:2]))


def smtp_places(domain: str) -> tuple[Place, ...]:
    """Where the SMTP server of ``domain`` may be, likeliest first."""
    hosts = (f"smtp.{domain}", f"mail.{domain}", domain)
    safe = [Place(host, 465) for host in hosts]
    return (*safe, *(Place(host, 587, "starttls") for host in hosts))
