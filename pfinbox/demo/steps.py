"""What the agents do in the story, as data: each step follows a message of a client.

Carrying them out needs the services, which a channel must not know: ``pfinbox.bootstrap`` does it.
"""

from datetime import timedelta

from pfinbox.demo.company import YOU
from pfinbox.domain.outbound.planning.templates import TemplateChoice
from pfinbox.record import record


@record
class Step:
    """Done by agent ``by``, in the task of the message with the id ``after``, once it is there.

    The id is that of a line of the story, or ``CLIENT-answer-N`` for the client's Nth answer.
    """

    after: str
    by: str

    @property
    def needs(self) -> tuple[str, ...]:
        """The messages that must be there."""
        return (self.after,)


@record
class Assigns(Step):
    to: str


@record
class AgentSays(Step):
    """A comment. Without ``to_client`` it is internal, for ``colleagues`` only."""

    text: str
    to_client: bool = False
    colleagues: tuple[str, ...] = ()
    send_in: timedelta | None = None
    # As a reply to the message that it follows.
    quotes: bool = False
    # Closes the task with it: nobody can write in between.
    closes: bool = False
    # An approved text in place of ``text``.
    template: TemplateChoice | None = None


@record
class Closes(Step):
    """Finished without another word."""


@record
class Snoozes(Step):
    until: timedelta


@record
class Tags(Step):
    tags: tuple[str, ...]


@record
class Merges(Step):
    """Its client, and that of the message ``other``, are one person."""

    other: str

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.after, self.other)


@record
class OpensPage(Step):
    """Gives the client a page of their own; ``text`` tells you its address ("{link}")."""

    text: str


AgentStep = Assigns | AgentSays | Closes | Snoozes | Tags | Merges | OpensPage

AGENT_STEPS: tuple[AgentStep, ...] = (
    Assigns("lena-1", "anna", to="anna"),
    AgentSays(
        "lena-1",
        "anna",
        "Здравствуйте, Елена! К 105-й на 11 скоростей берите KMC X11 или родную CN-HG601. "
        "Обе есть, можно забрать сегодня.",
        to_client=True,
    ),
    # A colleague asked inside the client's task: the client sees the last of the three only.
    Assigns("tomek-1", "anna", to="anna"),
    AgentSays(
        "tomek-1",
        "anna",
        "Piotr, zerkniesz na zdjęcie? Moim zdaniem obręcz do wymiany, ale to Ty centrujesz.",
        colleagues=("piotr",),
    ),
    AgentSays(
        "tomek-1",
        "piotr",
        "Do wymiany, jest pęknięta przy nyplu. Szprychy zostają. 180 zł z robocizną.",
        colleagues=("anna",),
    ),
    AgentSays(
        "tomek-1",
        "anna",
        "Dzień dobry! Niestety obręcz jest pęknięta i nie da się jej bezpiecznie wycentrować. "
        "Nowa z przełożeniem szprych to 180 zł.",
        to_client=True,
        quotes=True,
    ),
    Assigns("oleg-1", YOU, to=YOU),
    Tags("oleg-1", YOU, tags=("wholesale",)),
    AgentSays(
        "oleg-1",
        YOU,
        "Добрый день, Олег! Всё есть на складе, спицы отправим двумя партиями. "
        "Счёт пришлём сегодня до конца дня.",
        to_client=True,
        send_in=timedelta(seconds=90),
    ),
    AgentSays(
        "lena-answer-1",
        "anna",
        "Отложили на ваше имя. Хорошей дороги!",
        to_client=True,
        closes=True,
    ),
    AgentSays(
        "hannah-1",
        "piotr",
        "Hello Hannah, sorry for that! The return label is on its way to you by a separate mail; "
        "the left pedal leaves today.",
        to_client=True,
    ),
    OpensPage(
        "hannah-1",
        "piotr",
        "Hannah has a page of her own now. This is what she sees of all this, and where she can "
        "answer: {link} (good once, for half an hour)",
    ),
    # The client has blocked us meanwhile: the delivery fails and comes back to its author.
    AgentSays(
        "nikita-1",
        YOU,
        "Здравствуйте, Никита! Посылка на сортировке, завтра будет у вас. "
        "Отменить или подождём до завтра?",
        to_client=True,
    ),
    AgentSays(
        "marta-chat-1",
        "anna",
        "To chyba ta sama Marta, co w mailu o kluczu do zamka: = łączy obie kartoteki w jedną.",
        colleagues=(YOU,),
    ),
    Assigns("hilde-1", "anna", to="anna"),
    AgentSays(
        "hilde-1",
        "anna",
        "",
        to_client=True,
        template=TemplateChoice("order_ready", "en", {"1": "Hilde", "2": "your pair of mudguards"}),
    ),
    Merges("greta-1", "anna", other="greta-mail-1"),
    AgentSays(
        "greta-1",
        "anna",
        "The marketplace took answers for 24 hours. She has written by e-mail, too: F3 in the "
        "answer chooses that way.",
        colleagues=(YOU,),
    ),
    Assigns("ewa-1", "piotr", to="piotr"),
    Tags("ewa-1", "piotr", tags=("invoice",)),
    AgentSays(
        "ewa-1",
        "piotr",
        "Dzień dobry, proformę na 20 kasków Junior wyślemy jeszcze dziś. Dostawa: 5 dni roboczych.",
        to_client=True,
    ),
    Assigns("sven-1", "piotr", to="piotr"),
    AgentSays(
        "sven-1",
        "piotr",
        "Hi Sven, it is held up at the supplier until next week. Is that all right for you?",
        to_client=True,
    ),
    Snoozes("sven-answer-1", "piotr", until=timedelta(hours=20)),
    Closes("dima-1", "anna"),
)
