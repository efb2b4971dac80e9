"""The simulated clients: who they are, where they write from, what they answer."""

from collections.abc import Mapping
from enum import StrEnum

from pfinbox.record import record


class Reach(StrEnum):
    """What becomes of a message to this client."""

    OPEN = "open"
    BLOCKED = "blocked"  # always refused
    PUT_OFF = "put_off"  # refused for the moment the first time


@record
class Answer:
    """What a client says after having read an agent's message; ``wait`` is in paces."""

    text: str
    wait: float = 1.0
    # In a messenger: by the channel's own reply. A mail always quotes.
    quotes: bool = False


@record
class Client:
    """One end of a client: a person on two channels is two of them.

    ``kind`` is the account's (messenger, mail); ``address`` the user's number or e-mail address.
    The answers are given one for each message read, then there is silence.
    """

    id: str
    kind: str
    name: str
    address: str
    language: str
    answers: tuple[Answer, ...] = ()
    username: str | None = None
    reach: Reach = Reach.OPEN
    # Mail only: whether the sender was proven.
    verified: bool = True


_MESSENGER = (
    Client(
        "lena",
        "messenger",
        "Елена Соколова",
        "710245133",
        "ru",
        username="lena_na_shosse",
        answers=(
            Answer("Спасибо! Тогда заказываю KMC X11, заберу сама."),
            # By then the task is closed: this opens the next one.
            Answer(
                "Здравствуйте, это снова я 🙂 Цепь поставила, всё отлично. "
                "А кассету 11-32 к ней подберёте?",
                wait=3,
            ),
            Answer("Беру. Подъеду в субботу к одиннадцати, можно?"),
            Answer("Спасибо, до субботы!"),
        ),
    ),
    Client(
        "tomek",
        "messenger",
        "Tomek Wójcik",
        "580091274",
        "pl",
        username="tomek_gravel",
        answers=(
            Answer("To proszę nową obręcz. Ile to potrwa?", quotes=True),
            Answer("Super, dziękuję! Przywiozę koło jutro po pracy."),
        ),
    ),
    Client(
        "james",
        "messenger",
        "James Okafor",
        "660318820",
        "en",
        username="jokafor",
        answers=(
            Answer("56, yes. And does the saddle in the picture come with it?"),
            Answer("Brilliant, thanks a lot."),
        ),
    ),
    Client("nikita", "messenger", "Никита", "901177345", "ru", reach=Reach.BLOCKED),
    Client(
        "marta-chat",
        "messenger",
        "Marta L.",
        "544120066",
        "pl",
        username="martalew",
        answers=(
            Answer("Tak, to ten sam zamek co w mailu 🙂"),
            Answer("Dziękuję, czekam na paczkę."),
        ),
    ),
    Client(
        "ola",
        "messenger",
        "Ola",
        "533846610",
        "pl",
        answers=(Answer("O, szybko! A w niedzielę też?"), Answer("Dzięki!")),
    ),
    Client(
        "dima",
        "messenger",
        "Дима К.",
        "712904488",
        "ru",
        username="dimon_k",
        answers=(Answer("Да, всё верно, ошибся. Хорошего дня!"),),
    ),
    Client(
        "sven",
        "messenger",
        "Sven Lindqvist",
        "498120903",
        "en",
        username="svenrides",
        answers=(
            Answer("No hurry, next week is fine. Will you write when it is there?"),
            Answer("Thank you!"),
        ),
    ),
)
_MAIL = (
    Client(
        "priya",
        "mail",
        "Priya Natarajan",
        "priya@coastwheelers.example",
        "en",
        answers=(
            Answer("That works. Could you also put the club's name on the invoice?"),
            Answer("Perfect, thank you for your patience with us.\n\nPriya"),
        ),
    ),
    Client(
        "ewa",
        "mail",
        "Ewa Kamińska",
        "ewa.kaminska@rowerownia.example",
        "pl",
        answers=(
            Answer("Dziękuję za szybką odpowiedź. Grzegorz potwierdzi jeszcze kwotę."),
            Answer("Wszystko się zgadza, dziękuję.\n\nPozdrawiam\nEwa Kamińska"),
        ),
    ),
    Client(
        "grzegorz",
        "mail",
        "Grzegorz Mazur",
        "g.mazur@rowerownia.example",
        "pl",
        answers=(Answer("Dziękuję, przelew pójdzie dziś.\n\nG. Mazur"),),
    ),
    Client(
        "oleg",
        "mail",
        "Олег Кравцов",
        "zakaz@velomaster.example",
        "ru",
        answers=(
            Answer("Добрый день! Подтверждаю, ждём счёт.\n\nОлег Кравцов, «Веломастер»"),
            Answer("Оплатили, спасибо за работу."),
        ),
    ),
    Client(
        "marta-mail",
        "mail",
        "Marta Lewandowska",
        "marta.lewandowska@poczta.example",
        "pl",
        answers=(
            Answer("Dziękuję! Odpowiedziałam też na czacie, tak mi wygodniej."),
            Answer("Jeszcze raz dziękuję.\n\nMarta"),
        ),
    ),
    Client(
        "hannah",
        "mail",
        "Hannah Brooks",
        "hannah.brooks@moorland.example",
        "en",
        reach=Reach.PUT_OFF,
        answers=(
            Answer("Got it, the label prints fine. I will post it on Monday."),
            Answer("Many thanks!\n\nHannah"),
        ),
    ),
    Client(
        "greta-mail",
        "mail",
        "Greta Nilsson",
        "greta.nilsson@poczta.example",
        "en",
        answers=(Answer("Thank you for writing here as well. Size 48 it is, please."),),
    ),
    Client(
        "winner",
        "mail",
        "PRIZE [/] \x1b[5mDEPARTMENT\x1b[0m",
        "claims@lucky-draw.example",
        "en",
        verified=False,
    ),
)
# A marketplace lets a shop answer for a day.
_MARKET = (
    Client(
        "bruno",
        "market",
        "Bruno",
        "30417",
        "en",
        answers=(Answer("Then I take both, thank you!"),),
    ),
    Client("greta", "market", "Greta N.", "30552", "en"),
    Client(
        "hilde",
        "market",
        "Hilde",
        "30391",
        "en",
        answers=(Answer("At last! I come by after five."),),
    ),
)
CLIENTS: Mapping[str, Client] = {client.id: client for client in (*_MESSENGER, *_MAIL, *_MARKET)}
