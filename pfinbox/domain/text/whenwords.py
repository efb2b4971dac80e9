"""The words for moments in English, Russian and Polish, folded (``domain.text.cleaning``)."""


def _numbered(*lines: str) -> dict[str, int]:
    return {word: n for n, line in enumerate(lines) for word in line.split()}


def _words(line: str) -> set[str]:
    return set(line.split())


# in 2h, через 2 часа, za 2 godziny
IN = {"in", "через", "za"}
# on monday, в понедельник, во вторник, w środę, we wtorek
ON = {"on", "в", "во", "w", "we"}
# at 9, в 9, o 9, o godz. 9
AT = {"at", "в", "o"}
O_CLOCK = {"godz", "godzinie"}

# Whole days from today.
DAYS = _numbered(
    "today сегодня dzis dzisiaj",
    "tomorrow завтра jutro",
    "overmorrow послезавтра pojutrze",
)

WEEKDAYS = _numbered(
    "mon monday пн понедельник pn pon poniedzialek",
    "tue tues tuesday вт вторник wt wtorek",
    "wed wednesday ср среда среду sr sroda srode",
    "thu thur thurs thursday чт четверг cz czw czwartek",
    "fri friday пт пятница пятницу pt piatek",
    "sat saturday сб суббота субботу sb sob sobota sobote",
    "sun sunday вс воскресенье nd ndz niedz niedziela niedziele",
)

MONTHS = {
    word: number + 1
    for word, number in _numbered(
        "jan january янв января sty stycznia",
        "feb february фев февр февраля lut lutego",
        "mar march мар марта marca",
        "apr april апр апреля kwi kwietnia",
        "may май мая maj maja",
        "jun june июн июня cze czerwca",
        "jul july июл июля lip lipca",
        "aug august авг августа sie sierpnia",
        "sep sept september сен сент сентября wrz wrzesnia",
        "oct october окт октября paz pazdziernika",
        "nov november ноя нояб ноября lis listopada",
        "dec december дек декабря gru grudnia",
    ).items()
}

MINUTES = _words("m min mins minute minutes мин минуту минуты минут minuty minut")
HOURS = _words("h hr hrs hour hours ч час часа часов godz godzine godziny godzin")
DAY_UNITS = _words("d day days день дня дней дн dzien dni")
WEEKS = _words("w wk week weeks нед неделю недели недель tydzien tygodnie tygodni tyg")
# Units that may stand without a number: in an hour, через час, za godzinę.
ALONE = _words("minute hour day week минуту час день неделю minute godzine dzien tydzien")
ARTICLES = {"a", "an"}
HALF_AN_HOUR = {"half an hour", "полчаса", "pol godziny"}

# 9am, 9 утра, 9 rano; 6pm, 6 вечера, 6 wieczorem
MORNING = {"am", "утра", "rano"}
EVENING = {"pm", "вечера", "wieczorem"}
NOON = {"noon", "полдень", "poludnie"}
