"""Words that another process made of a text are those that we would make."""

from hypothesis import given
from hypothesis import strategies as st

from pfinbox.domain.text.cleaning import clean
from pfinbox.domain.text.words import AGENT_FROM, are_words, document, words_of


@given(text=st.text(), title=st.text())
def test_words_made_elsewhere_give_the_same_entry(text: str, title: str) -> None:
    ready = words_of(text)
    assert document([title], clean(text), ready=ready) == document([title], clean(text))


def test_signs_of_ours_are_not_believed() -> None:
    assert are_words(words_of("Заказ № 5: 注文,\nready-made"))
    for wrong in (f"{AGENT_FROM}1", "a\0b", "a\nb", "", "a_b"):
        assert not are_words(wrong)
