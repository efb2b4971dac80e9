"""What the clients write by themselves, in its order: the story that the demo tells.

It shows the rules at work (RULES.md); what the agents do meanwhile stands in ``steps``.
"""

from collections.abc import Callable

from pfinbox.demo.pictures import bent_wheel, disguised_picture, wholesale_order
from pfinbox.domain.contract.files import File
from pfinbox.record import record


@record
class Line:
    """One thing that a client writes. Its ``id`` is also the key of its receipt.

    ``wait``: paces after the line before it on the same account. ``ago``: it was written so many
    minutes before it arrives (the shop has just opened). ``answers``: ids of earlier lines.
    """

    id: str
    client: str
    text: str
    wait: float = 0
    ago: int = 0
    subject: str | None = None
    # The part of ``text`` that is new, where the rest is quoted.
    new_text: str | None = None
    cc: tuple[str, ...] = ()
    files: tuple[Callable[[], File], ...] = ()
    answers: tuple[str, ...] = ()
    quote: str | None = None
    # Changes the line with this id instead of being one of its own.
    edits: str | None = None


_ORDER_CONFIRMED = """\
> Dear Priya,
>
> thank you for your order 4417. It leaves our workshop this week:
>
>   12 x inner tube 700x25-32C
>   12 x tyre levers
>    4 x floor pump
>
> Kind regards
> Ogniwo Bikes"""
_PRIYA = """\
Hello,

the parcel with order 4417 came this morning, thank you. Two things are not quite right:

1. There are three floor pumps in it instead of four. The delivery note says four, so I suppose
   that one stayed in the workshop.
2. The tubes have the short 40 mm valve. Our rims are 50 mm deep; we asked for 60 mm in the note
   to the order. None of them is opened.

Could you send the missing pump, and tell us how to swap the tubes? Our season's first ride is on
the 14th, so before that would be wonderful.

Best wishes
Priya Natarajan
Coast Wheelers"""

STORY: tuple[Line, ...] = (
    Line(
        "lena-1",
        "lena",
        "Добрый день! Какая цепь подойдёт к Shimano 105, 11 скоростей?",
        ago=42,
    ),
    Line(
        "tomek-1",
        "tomek",
        "Dzień dobry, wjechałem w krawężnik. Da się to jeszcze wycentrować?",
        ago=31,
        files=(bent_wheel,),
    ),
    Line("ola-1", "ola", "Hej, do której macie dziś otwarte?", ago=12),
    Line("ola-2", "ola", "I czy macie dętki 26 cali na miejscu?", ago=11),
    Line(
        "priya-1",
        "priya",
        f"{_PRIYA}\n\nOn Monday, Ogniwo Bikes wrote:\n{_ORDER_CONFIRMED}",
        ago=95,
        subject="Re: Your order 4417",
        new_text=_PRIYA,
    ),
    Line(
        "marta-mail-1",
        "marta-mail",
        "Dzień dobry,\n\nzamówiłam zamek U-lock (nr 4452), a w paczce jest tylko jeden klucz "
        "zamiast dwóch. Czy mogą Państwo dosłać drugi?\n\nMarta Lewandowska",
        ago=64,
        subject="Zamówienie 4452: brakuje klucza",
    ),
    Line(
        "oleg-1",
        "oleg",
        "Здравствуйте!\n\nЗаказ на ноябрь во вложении. Прошу выставить счёт и подтвердить сроки. "
        "По спицам можно двумя партиями.\n\nОлег Кравцов\n«Веломастер»",
        ago=20,
        subject="Заказ на ноябрь",
        files=(wholesale_order,),
    ),
    Line(
        "greta-mail-1",
        "greta-mail",
        "Hello,\n\nI have asked on the marketplace as well, under Greta N.: do you have the yellow"
        " rain jacket in 48?\n\nGreta Nilsson",
        ago=1500,
        subject="Yellow rain jacket",
    ),
    # What she asked for has come two days later: a template tells her.
    Line(
        "hilde-1",
        "hilde",
        "I would like mudguards for 28 inch wheels, in black. Please tell me when you have them!",
        ago=2950,
    ),
    # By now nobody can answer her there any more: only by the mail that she wrote besides.
    Line("greta-1", "greta", "Hi! Do you have the yellow rain jacket in 48?", ago=1510),
    Line("bruno-1", "bruno", "Hello, do the two front lights come with batteries?", ago=1245),
    Line(
        "james-1",
        "james",
        "Hi! Is the blue steel frame still available in size 54?",
        wait=1,
    ),
    Line(
        "james-1-edit",
        "james",
        "Hi! Is the blue steel frame still available in size 56?",
        wait=1,
        edits="james-1",
    ),
    Line(
        "hannah-1",
        "hannah",
        "Hello,\n\nthe pedals I bought last week are both right-hand ones. How do I send one back?"
        "\n\nHannah Brooks",
        wait=1,
        subject="Two right pedals",
    ),
    Line("nikita-1", "nikita", "где мой заказ??? третий день жду. отменяйте!!!", wait=1),
    Line(
        "marta-chat-1",
        "marta-chat",
        "Dzień dobry, pisałam też maila z marta.lewandowska@poczta.example w sprawie klucza "
        "do zamka. Tu mi będzie szybciej.",
        wait=1,
    ),
    Line(
        "ewa-1",
        "ewa",
        "Dzień dobry,\n\nprosimy o fakturę proforma na 20 kasków dziecięcych (model Junior, "
        "czerwone). W kopii Grzegorz z księgowości.\n\nEwa Kamińska\nRowerownia",
        wait=1,
        subject="Proforma: 20 kasków Junior",
        cc=("grzegorz",),
    ),
    Line(
        "sven-1",
        "sven",
        "Hi, the carrier you ordered for me: has it come? Your site said this week.",
        wait=1.5,
    ),
    Line("dima-1", "dima", "Привет! Мам, купи хлеба по дороге", wait=1.5),
    Line(
        "grzegorz-1",
        "grzegorz",
        "Dzień dobry,\n\nproszę o wpisanie na proformie NIP 8990000001 i terminu 14 dni."
        "\n\nGrzegorz Mazur\n\n> prosimy o fakturę proforma na 20 kasków dziecięcych",
        wait=2,
        subject="Re: Proforma: 20 kasków Junior",
        new_text="Dzień dobry,\n\nproszę o wpisanie na proformie NIP 8990000001 i terminu 14 dni."
        "\n\nGrzegorz Mazur",
        answers=("ewa-1",),
    ),
    Line(
        "winner-1",
        "winner",
        # Markup that crashes or acts in a careless terminal program, sequences that clear the
        # screen and set its title, overrides that turn text round: all of it must lie still.
        "[/] CONGRATULATIONS [/red]\n\n"
        "\x1b[2J\x1b]0;you have won\x07\x1b[31mYou have WON 1 000 000!\x1b[0m\n"
        "[@click=app.quit]Click here to claim[/]\n"
        "Pay the fee to \u202eelpmaxe.knab-eurt\u202c \u2066now\u2069\n"
        "\x9b31mH\u0336\u0336\u0336\u0336\u0336\u0336\u0336\u0336urry!\r\nBcc: everyone",
        wait=2,
        subject="You [bold]WON[/] \x1b]2;x\x07 \u202etnegru",
        files=(disguised_picture,),
    ),
    Line(
        "ola-3",
        "ola",
        "To o dętki 26 nadal aktualne 🙂",
        wait=2,
        answers=("ola-2",),
        quote="dętki 26 cali",
    ),
)
