"""The words for moments in English, Russian and Polish, folded (``domain.text.cleaning``)."""


def _numbered(*lines: str) -> dict[str, int]:
    return {word: n for n, line in enumerate(lines) for word in line.split()}


def _words(line: str) -> set[str]:
    return set(line.split())


# Several words that mean one, and what is said for them.
PHRASES = {
    "day after tomorrow": "overmorrow",
    "half an hour": "30 min",
    "полчаса": "30 min",
    "pol godziny": "30 min",
    "tonight": "today tonight",
    "this morning": "today morning",
    "this afternoon": "today afternoon",
    "this evening": "today evening",
    "in the morning": "morning",
    "in the afternoon": "afternoon",
    "in the evening": "evening",
    "po poludniu": "afternoon",
    "w poludnie": "noon",
    "@": " at ",
}

# in 2h, через 2 часа, za 2 godziny
IN = {"in", "через", "за", "za"}
# on monday, в понедельник, во вторник, на следующей неделе, w środę, we wtorek
ON = {"on", "the", "в", "во", "на", "w", "we"}
# at 9, в 9, o 9, o godz. 9
AT = {"at", "в", "o"}
O_CLOCK_BEFORE = {"godz", "godzinie"}
O_CLOCK_BEHIND = {"o'clock", "час", "часа", "часов"}

NEXT = _words(
    "next след следующий следующую следующее следующей следующем"
    " przyszly przyszla przyszle przyszlym nastepny nastepna nastepne nastepnym"
)
THIS = _words("this этот эту это ten te ta to")

# Whole days from today.
DAYS = _numbered(
    "today сегодня dzis dzisiaj",
    "tomorrow завтра jutro",
    "overmorrow послезавтра pojutrze",
)

WEEKDAYS = _numbered(
    "mon monday пн понедельник pn pon poniedzialek",
    "tue tues tuesday вт вторник wt wtorek",
    "wed weds wednesday ср среда среду sr sroda srode",
    "thu thur thurs thursday чт четверг cz czw czwartek",
    "fri friday пт пятница пятницу pt piatek",
    "sat saturday weekend сб суббота субботу выходные выходных sb sob sobota sobote",
    "sun sunday вс воскресенье nd ndz niedz niedziela niedziele",
)

MONTHS = {
    word: number + 1
    for word, number in _numbered(
        "jan january янв январь января sty styczen stycznia",
        "feb february фев февр февраль февраля lut luty lutego",
        "mar march мар март марта marzec marca",
        "apr april апр апрель апреля kwi kwiecien kwietnia",
        "may май мая maj maja",
        "jun june июн июнь июня cze czerwiec czerwca",
        "jul july июл июль июля lip lipiec lipca",
        "aug august авг август августа sie sierpien sierpnia",
        "sep sept september сен сент сентябрь сентября wrz wrzesien wrzesnia",
        "oct october окт октябрь октября paz pazdziernik pazdziernika",
        "nov november ноя нояб ноябрь ноября lis listopad listopada",
        "dec december дек декабрь декабря gru grudzien grudnia",
    ).items()
}

MINUTES = _words("m min mins minute minutes м мин минуту минуты минут minute minuty minut")
HOURS = _words("h hr hrs hour hours ч час часа часов g godz godzine godziny godzin")
DAY_UNITS = _words("d day days д дн день дня дней dzien dni")
WEEKS = _words(
    "w wk wks week weeks н нед неделю недели недель неделе tydz tyg tydzien tygodnie tygodni"
    " tygodniu"
)
MONTH_UNITS = _words(
    "mo month months мес месяц месяца месяцев месяце mies miesiac miesiace miesiecy miesiacu"
)
# Units that may stand without a number: in an hour, через час, za godzinę.
ALONE = _words(
    "minute hour day week month минуту час день неделю месяц godzine dzien tydzien miesiac"
)
ARTICLES = {"a", "an"}
NUMBERS = {
    word: number + 1
    for word, number in _numbered(
        "one один одну одна jeden jedna",
        "two два две dwa dwie",
        "three три trzy",
        "four четыре cztery",
        "five пять piec",
        "six шесть szesc",
        "seven семь siedem",
        "eight восемь osiem",
        "nine девять dziewiec",
        "ten десять dziesiec",
    ).items()
}

# The hour that a part of the day means by itself: tomorrow morning, завтра вечером.
PARTS = {
    **dict.fromkeys(_words("morning утром rano"), 9),
    **dict.fromkeys(_words("afternoon днем popoludniu"), 14),
    **dict.fromkeys(_words("evening вечером wieczorem"), 18),
    "tonight": 20,
}
# Which half of the day an hour belongs to: 9am, 9 утра, 8 rano, evening at 8, 6 wieczorem.
AM, PM = {"am"}, {"pm"}
MORNING = _words("утра morning утром rano")
AFTERNOON = _words("дня afternoon днем popoludniu")
EVENING = _words("вечера evening вечером wieczorem tonight")
NIGHT = {"ночи"}
NOON = {"noon", "полдень", "poludnie"}
