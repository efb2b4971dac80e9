"""What is asked for a new account: the user's id, where the homeserver is, and the password."""

import json
from typing import Any

from pfinbox.channels.matrix.addresses import check_homeserver, check_user
from pfinbox.domain.contract.setup import Answers, Page, Question, Setup, Suggestion
from pfinbox.i18n import _


def setup() -> Setup:
    """The questions, in the reader's language."""
    return Setup(
        title=_("Make a Matrix account"),
        about=_("a user that clients write to"),
        pages=(
            Page(
                _("The user"),
                (
                    Question(
                        "user",
                        _("id"),
                        help=_("A user of its own, made at your homeserver: @support:example.org"),
                        check=check_user,
                    ),
                ),
            ),
            Page(
                _("The homeserver"),
                (Question("homeserver", _("address"), check=check_homeserver),),
            ),
            Page(
                _("The password"),
                (
                    Question(
                        "password",
                        _("password"),
                        "secret",
                        help=_(
                            "The daemon signs in with it and stays one device. Where people sign in"
                            " by another site only, set access_token in the file instead."
                        ),
                    ),
                ),
            ),
        ),
        settings=settings,
        account=lambda answers: "matrix",
        suggest=suggest,
    )


def settings(answers: Answers) -> dict[str, Any]:
    """The keys of the account's section."""
    return {
        "homeserver": answers["homeserver"].strip().rstrip("/"),
        "user": answers["user"].strip(),
        "password": answers["password"],
    }


async def suggest(answers: Answers) -> Suggestion:
    """Where the user's server says that its homeserver is.

    https://spec.matrix.org/v1.16/client-server-api/#well-known-uris
    """
    from pfinbox.channels.http.connection import Broken, Connection, NotConnected

    server = answers["user"].strip().partition(":")[2]
    connection = Connection(server)
    try:
        url = f"https://{server}/.well-known/matrix/client"
        answer = await connection.ask("GET", url, seconds=10)
        told = json.loads(answer.body) if answer.good else {}
        base = str(told["m.homeserver"]["base_url"])
    except (NotConnected, Broken, ValueError, LookupError, TypeError):
        base = f"https://{server}"
    finally:
        await connection.close()
    if check_homeserver(base) is not None:
        base = f"https://{server}"
    return Suggestion({"homeserver": base.rstrip("/")})
