"""Making one account: its channel's questions, the trying of it, and a message to itself."""

from collections.abc import Sequence
from typing import Any

from textual.content import Content

from pfinbox.domain.contract.setup import Suggestion
from pfinbox.i18n import _
from pfinbox.tui.setup import words
from pfinbox.tui.setup.asking import Asking
from pfinbox.tui.setup.checking import Checking
from pfinbox.tui.setup.form import Form
from pfinbox.tui.setup.gate import Line
from pfinbox.tui.widgets.pick_list import Item


class Making:
    """One account of a channel, from its questions to its first message."""

    def __init__(self, asking: Asking, channel: str) -> None:
        self.asking = asking
        self.channel = channel
        self.setup = dict(asking.gate.channels())[channel]
        self.answers: dict[str, Any] = {}
        self.name: str | None = None
        # What the suggestion was made for: other answers need another one.
        self._suggested_for: dict[str, Any] | None = None
        self._suggestion = Suggestion()

    async def walk(self) -> str | None:
        """The account's name when it was tried and accepted; None after stepping back."""
        pages = self.setup.pages
        # Whoever comes back to it finds it answered.
        at = len(pages) if self.name is not None else 0
        while at >= 0:
            if at < len(pages):
                at = at + 1 if await self._ask(at) else at - 1
                continue
            chosen = await self._try()
            if chosen == "on":
                return self.name
            if isinstance(chosen, int):
                at = chosen
            elif chosen is None:
                at = len(pages) - 1
        if self.name is not None:
            self.asking.gate.forget(self.name)
            self.name = None
        return None

    async def _ask(self, at: int) -> bool:
        page = self.setup.pages[at]
        if at > 0:
            await self._suggest()
        secret = page.secret
        if secret is not None:
            given = await self.asking.secret(
                secret, self.answers.get(secret.name, ""), self._suggestion.secret_note
            )
            if given is None:
                return False
            self.answers[secret.name] = given
            return True
        note = self._suggestion.note if at > 0 else ""
        form = Form(Content(page.title), page.questions, self.answers, note=note)
        answer = await self.asking.ask(form)
        if answer is None:
            return False
        self.answers |= answer
        return True

    async def _suggest(self) -> None:
        if self.setup.suggest is None:
            return
        first = {one.name: self.answers[one.name] for one in self.setup.pages[0].questions}
        if first == self._suggested_for:
            return
        self.asking.app.wait(_("Looking for the servers …"))
        self._suggestion = await self.setup.suggest(self.answers)
        self.asking.app.wait("")
        self._suggested_for = first
        self.answers |= self._suggestion.answers

    async def _try(self) -> Any:
        gate = self.asking.gate
        name = self.name = gate.account(self.channel, self.answers, self.name)

        def ways(lines: Sequence[Line]) -> Sequence[Item]:
            return words.account_ways(lines, self.setup.pages, gate.posts_to(name))

        chosen: Any = "again"
        while chosen == "again":
            title = Content(_("Does it work?"))
            chosen = await self.asking.ask(Checking(title, lambda: gate.examine(name), ways))
        if chosen != "post":
            return chosen
        title = Content(_("A mail to itself"))
        while chosen == "post":
            page = Checking(title, lambda: gate.post(name), words.post_ways)
            chosen = await self.asking.ask(page)
        return await self._try() if chosen is None else chosen
