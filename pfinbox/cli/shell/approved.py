"""``--template`` and ``--parameter``: an approved text in place of one of one's own (R25)."""

from pfinbox.cli.shell.speaking import option
from pfinbox.domain.outbound.planning.templates import TemplateChoice
from pfinbox.errors import UsageError
from pfinbox.i18n import N_, _

template_option = option(
    "--template",
    metavar="NAME[:LANGUAGE]",
    help=N_("An approved text in place of a text of your own; account templates lists them."),
)
parameter_option = option(
    "--parameter",
    metavar="NAME=TEXT",
    multiple=True,
    help=N_("What stands in one place of the template."),
)


def approved(name: str | None, given: tuple[str, ...]) -> TemplateChoice | None:
    """The text that the options name."""
    if name is None:
        if given:
            raise UsageError(_("--parameter needs --template"))
        return None
    values = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            raise UsageError(_("--parameter is NAME=TEXT"))
        values[key.strip()] = value
    return TemplateChoice.named(name, values)
