"""The order of the pages: forwards by an answer, one step back by escape."""

from typing import TYPE_CHECKING, Any

from textual.content import Content

from pfinbox.domain.setup import Question
from pfinbox.errors import PfinboxError
from pfinbox.i18n import _
from pfinbox.tui.setup import words
from pfinbox.tui.setup.checking import Checking
from pfinbox.tui.setup.form import Form
from pfinbox.tui.setup.gate import Outcome, SetupGate
from pfinbox.tui.setup.making import Making
from pfinbox.tui.setup.page import Page, Pick

if TYPE_CHECKING:
    from pfinbox.tui.setup.app import SetupApp


class Flow:
    """One walk through the first start."""

    def __init__(self, app: "SetupApp", gate: SetupGate) -> None:
        self.app = app
        self.gate = gate
        self.url: Any = ""

    async def ask(self, page: Page) -> Any:
        """What a page answers, None for a step back."""
        return await self.app.push_screen_wait(page)

    async def walk(self) -> Outcome:
        """From the first page to the last."""
        while True:
            wanted = await self.ask(words.first_page(self.gate))
            if wanted in (None, "quit"):
                return Outcome()
            if wanted in ("demo", "inbox"):
                return Outcome(wanted)
            making = self.database if wanted == "database" else Making(self, wanted).walk
            while await making():
                if await self.ready():
                    return Outcome("inbox")
            # Back at the first page: nothing of what was answered stays.
            self.gate.forget()

    async def database(self) -> bool:
        """The team's database, tried."""
        question = words.database_question()
        while True:
            given = await self.secret(question, self.url)
            if given is None:
                return False
            self.url = given
            self.gate.database(given)
            page = Checking(Content(_("The team's database")), self.gate.look, words.look_ways)
            chosen = await self.ask(page)
            if chosen == "on":
                return True

    async def secret(self, question: Question, given: Any, note: str = "") -> Any:
        """Where a secret comes from: text, or a reference such as {"command": …}."""
        typed = {"inline": given} if isinstance(given, str) else dict(given)
        way = next(iter(typed)) if given else None
        while True:
            page = words.ways_page(question, way, note)
            way = await self.ask(page)
            if way is None:
                return None
            asked = words.secret_question(question, way)
            form = Form(
                Content(question.label.capitalize()),
                [asked],
                {asked.name: typed.get(way, "")},
                note=note,
                hidden=way == "inline",
            )
            answer = await self.ask(form)
            if answer is not None:
                value = answer[asked.name]
                return value if way == "inline" else {way: value.strip()}

    async def ready(self) -> bool:
        """Who works here, what will be written, and writing it."""
        login, name = self.gate.person()
        given = {"login": login, "name": name}
        problem = ""
        while True:
            form = words.person_page(given, problem, staffed=self.gate.staffed)
            answer = await self.ask(form)
            if answer is None:
                return False
            given, problem = {**given, **answer}, ""
            login, name = given["login"].strip(), given["name"].strip()
            while (last := await self.ask(words.last_page(self.gate, login))) == "more":
                await self.another()
            if last == "write":
                try:
                    await self.gate.write(login, name)
                except (PfinboxError, OSError) as error:
                    problem = str(error)
                else:
                    return True

    async def another(self) -> None:
        """One more account; leaving it half-way leaves the others as they are."""
        items = words.channel_items(self.gate)
        page = Pick(Content(_("One more account")), (), items)
        channel = await self.ask(page)
        if channel is not None:
            await Making(self, channel).walk()
