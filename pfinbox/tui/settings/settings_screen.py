"""The agent's own settings: notices by e-mail and here, quiet hours, absence, colours."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.people import agents
from pfinbox.services.system import absence
from pfinbox.store.rows import AgentRow
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.dialogs.moment import ChooseMoment, Moment
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.settings.bell import HOW, Quiet
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import Notices, context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item, PickList


class SettingsScreen(Dialog[str]):
    """Each change is kept at once. Answers with a command to go on with, None for nothing."""

    @dataclass
    class Read(Message):
        me: AgentRow
        others: tuple[AgentRow, ...]

    class Kept(Message):
        """One of them is another now."""

    def __init__(self) -> None:
        super().__init__(Content(_("My settings")))
        self.me: AgentRow | None = None
        self.others: tuple[AgentRow, ...] = ()

    def body(self) -> list[Widget]:
        rows = PickList()
        # Keys that are typed ahead wait until a dialog has the focus.
        rows.can_focus = True
        return [rows]

    def hints(self) -> Content:
        return Content(_("↑↓ j k choose · enter change · esc done"))

    @property
    def pick_list(self) -> PickList:
        return self.query_one(PickList)

    def on_mount(self) -> None:
        context(self).hold_keys("choose")
        self.pick_list.focus()
        self._read()

    def _read(self) -> None:
        inbox = context(self).inbox
        workers.read(
            self, "settings", lambda: inbox.read(queries.myself), lambda found: self.Read(*found)
        )

    def on_settings_screen_read(self, message: Read) -> None:
        self.me, self.others = message.me, message.others
        self._show()
        context(self).release_keys("choose")

    def on_settings_screen_kept(self) -> None:
        self._read()

    def on_failed(self, message: workers.Failed) -> None:
        """The app says it; without the settings there is nothing to show."""
        if message.job == "settings":
            self.answer(None)
        context(self).drop_keys("choose")

    # --- what is set ----------------------------------------------------------------------------

    def _show(self) -> None:
        me = self.me
        if me is None:
            return
        clock, told = context(self).present(), context(self).notices
        away = _("no")
        if me.away_until is not None and me.away_until > clock.now:
            away = _("until {time}").format(time=clock.moment(me.away_until))
            if me.deputy:
                away = _("{away}, {deputy} stands in").format(away=away, deputy=me.deputy)
        by_mail = _("on") if me.notify_by_mail else _("off")
        rows = [
            ("notices", _("comments for me by e-mail, too"), by_mail),
            ("email", _("my e-mail address"), me.email or _("none")),
            ("name", _("my name"), me.name),
            ("how", _("a new message is told by"), _how()[told.how]),
            ("quiet", _("quiet hours, without bell and notices"), told.hours or _("none")),
            ("away", _("away"), away),
            ("theme", _("colours"), self.app.theme),
        ]
        self.pick_list.show(
            [Item(Content(label), key, safe.line(value, "bold", 60)) for key, label, value in rows]
        )

    # --- changing it ----------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" or event.character in ("q", "й"):
            self.answer(None)
        elif event.key in ("enter", "space"):
            self._change(self.pick_list.value)
        elif event.key in ("up", "down") or event.character in tuple("jkол"):
            back = event.key == "up" or event.character in ("k", "л")
            self.pick_list.move(-1 if back else 1)
        else:
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self._change(message.value)

    def _change(self, what: str | None) -> None:
        if self.me is None or what is None:
            return
        change: dict[str, Callable[[AgentRow], None]] = {
            "notices": self._by_mail,
            "email": self._email,
            "name": self._ask_name,
            "how": self._how,
            "quiet": self._quiet,
            "away": self._away,
            "theme": lambda _me: self.answer("theme"),
        }
        change[what](self.me)

    def _set(self, login: str, **values: Any) -> None:
        workers.write(
            self,
            "set",
            lambda inbox: inbox.write(agents.set_, login, **values),
            lambda _n: self.Kept(),
        )

    def _by_mail(self, me: AgentRow) -> None:
        self._set(me.login, notices="off" if me.notify_by_mail else "mail")

    def _email(self, me: AgentRow) -> None:
        def typed(text: str | None) -> None:
            if text is not None and text.strip() != (me.email or ""):
                self._set(me.login, email=text.strip())

        title = Content(_("Your e-mail address: notices go there"))
        self.app.push_screen(Prompt(title, me.email or "", final=lambda _text: True), typed)

    def _ask_name(self, me: AgentRow) -> None:
        def typed(text: str | None) -> None:
            if text is not None and text.strip():
                self._set(me.login, name=text.strip())

        title = Content(_("Your name, as colleagues and clients see it"))
        self.app.push_screen(Prompt(title, me.name, final=lambda text: bool(text.strip())), typed)

    def _how(self, me: AgentRow) -> None:
        def chosen(how: str | None) -> None:
            if how is not None:
                self._tell(Notices(how, context(self).notices.hours))

        items = [Item(Content(words), how) for how, words in _how().items()]
        title = Content(_("How is a new message told outside the screen?"))
        self.app.push_screen(Choose(title, items), chosen)

    def _quiet(self, me: AgentRow) -> None:
        def hours(text: str) -> bool:
            try:
                Quiet.parse(text.strip())
            except ValueError:
                return False
            return True

        def typed(text: str | None) -> None:
            if text is not None:
                self._tell(Notices(context(self).notices.how, text.strip()))

        title = Content(_("Quiet hours of your day, such as 20:00-08:00; empty: none"))
        self.app.push_screen(Prompt(title, context(self).notices.hours, final=hours), typed)

    def _tell(self, notices: Notices) -> None:
        context(self).set_notices(notices)
        self._show()

    def _away(self, me: AgentRow) -> None:
        now = context(self).present().now
        if me.away_until is not None and me.away_until > now:
            workers.write(
                self,
                "away",
                lambda inbox: inbox.write(absence.away, me.login, None, None),
                lambda _n: self.Kept(),
            )
            return

        def until(moment: Moment | None) -> None:
            if moment is None or moment.when is None:
                return
            when = moment.when

            def deputy(login: str | None) -> None:
                if login is not None:
                    workers.write(
                        self,
                        "away",
                        lambda inbox: inbox.write(absence.away, me.login, when, login or None),
                        lambda _n: self.Kept(),
                    )

            nobody = Item(Content(_("nobody: what comes is unassigned")), "")
            items = [
                Item(safe.line(one.name), one.login, safe.line(one.login, "$foreground-muted"))
                for one in self.others
            ]
            title = Content(_("Who stands in?"))
            self.app.push_screen(Choose(title, [*items, nobody]), deputy)

        self.app.push_screen(ChooseMoment(Content(_("Away until when?"))), until)


def _how() -> dict[str, str]:
    """The ways of ``bell.HOW`` in words."""
    words = {
        "bell": _("the terminal's bell"),
        "osc9": _("a desktop notice (iTerm2, WezTerm, Windows Terminal)"),
        "osc777": _("a desktop notice (foot, Ghostty, urxvt)"),
        "osc99": _("a desktop notice (kitty)"),
        "off": _("nothing"),
    }
    return {how: words[how] for how in HOW}
