"""The order of the pages: forwards by an answer, one step back by escape."""

from typing import Any

from textual.content import Content

from pfinbox.errors import PfinboxError
from pfinbox.i18n import _
from pfinbox.tui.setup import words
from pfinbox.tui.setup.asking import Asking
from pfinbox.tui.setup.checking import Checking
from pfinbox.tui.setup.gate import Outcome
from pfinbox.tui.setup.making import Making
from pfinbox.tui.setup.page import Pick


class Flow:
    """One walk through the first start."""

    def __init__(self, asking: Asking) -> None:
        self.ask, self.asking = asking.ask, asking
        self.gate = asking.gate
        self.url: Any = ""

    async def walk(self) -> Outcome:
        """From the first page to the last."""
        while True:
            wanted = await self.ask(words.first_page(self.gate))
            if wanted in (None, "quit"):
                return Outcome()
            if wanted in ("demo", "inbox"):
                return Outcome(wanted)
            making = self.database if wanted == "database" else Making(self.asking, wanted).walk
            while await making():
                if await self.ready():
                    return Outcome("inbox")
            # Back at the first page: nothing of what was answered stays.
            self.gate.forget()

    async def database(self) -> bool:
        """The team's database, tried."""
        question = words.database_question()
        while True:
            given = await self.asking.secret(question, self.url)
            if given is None:
                return False
            self.url = given
            self.gate.database(given)
            page = Checking(Content(_("The team's database")), self.gate.look, words.look_ways)
            chosen = await self.ask(page)
            if chosen == "on":
                return True

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
            await Making(self.asking, channel).walk()
