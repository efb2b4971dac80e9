"""The story, told by the real daemon into a real store, shows the rules at work."""

import unicodedata
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from pfinbox.demo.clients import CLIENTS
from pfinbox.demo.steps import AGENT_STEPS, AgentSays
from pfinbox.demo.story import STORY
from pfinbox.store import tables as t
from tests.demo.conftest import Told


async def test_r1_a_message_becomes_a_task_with_its_title(told: Told) -> None:
    mail, chat = await told.task("oleg-1"), await told.task("lena-1")
    assert mail.title == "Заказ на ноябрь"
    assert chat.title.startswith("Добрый день! Какая цепь")


async def test_r1_nothing_went_to_quarantine_and_every_line_is_there_once(told: Told) -> None:
    rows = await told.rows(select(t.receipt.c.key, t.receipt.c.state))
    assert {row.state for row in rows} == {"shown"}
    keys = Counter(row.key for row in rows)
    assert {line.id for line in STORY} <= set(keys)
    assert set(keys.values()) == {1}


async def test_r2_a_card_for_each_end_with_the_name_that_the_channel_gives(told: Told) -> None:
    rows = await told.rows(
        select(t.contact.c.name, t.address.c.value, t.address.c.username).join(
            t.address, t.address.c.contact_id == t.contact.c.id
        )
    )
    assert len(rows) == len(CLIENTS)
    assert ("Елена Соколова", "710245133", "lena_na_shosse") in [tuple(row) for row in rows]


async def test_r2_one_person_on_two_channels_has_two_cards_to_merge(told: Told) -> None:
    mail, chat = await told.comment("marta-mail-1"), await told.comment("marta-chat-1")
    assert mail.contact_id != chat.contact_id
    (note,) = await told.said("marta-chat-1", internal=True)
    assert "Marta" in note.text


async def test_r36_a_client_has_a_page_and_you_are_told_where(told: Told) -> None:
    (note,) = await told.said("hannah-1", internal=True)
    assert "http://127.0.0.1:" in note.text
    (mail,) = [part for part in told.sent["mail"] if "/p/in/" in part.text]
    assert mail.to[0].name == "Hannah Brooks"


async def test_r4_a_messenger_has_one_open_task_per_chat(told: Told) -> None:
    tasks = {(await told.comment(f"ola-{n}")).task_id for n in (1, 2, 3)}
    assert len(tasks) == 1


async def test_r5_a_colleague_in_cc_answers_into_the_same_thread(told: Told) -> None:
    first, second = await told.comment("ewa-1"), await told.comment("grzegorz-1")
    assert first.task_id == second.task_id
    assert first.recipients["cc"] == [CLIENTS["grzegorz"].address]
    assert second.quote_id == first.id


async def test_r6_r8_who_comes_back_after_closing_gets_a_new_linked_task(told: Told) -> None:
    before, after = await told.task("lena-1"), await told.task("lena-answer-2")
    assert (before.active, after.active) == (False, True)
    assert after.id != before.id
    assert after.previous_task_id == before.id
    assert (await told.comment("lena-answer-1")).task_id == before.id


async def test_r11_an_edit_keeps_the_earlier_text(told: Told) -> None:
    comment = await told.comment("james-1-edit")
    (edit,) = await told.rows(
        select(t.comment_edit).where(t.comment_edit.c.comment_id == comment.id)
    )
    assert (await told.comment("james-1")).id == comment.id
    assert "56" in comment.text
    assert "54" in edit.text


async def test_r13_the_client_gets_what_is_for_the_client_and_nothing_else(told: Told) -> None:
    internal = await told.said("tomek-1", internal=True)
    assert [note.text[:5] for note in internal] == ["Piotr", "Do wy"]
    tomek = [part.text for part in told.sent["chat"] if part.chat_key == CLIENTS["tomek"].address]
    assert tomek == [comment.text for comment in await told.said("tomek-1")]
    public = {s.text for s in AGENT_STEPS if isinstance(s, AgentSays) and s.to_client}
    sent = [part for parts in told.sent.values() for part in parts if not part.automatic]
    assert {part.text for part in sent if part.template is None} <= public


async def test_r25_a_template_reaches_who_wrote_days_ago_and_may_be_answered_again(
    told: Told,
) -> None:
    (delivery,) = await told.deliveries("hilde-1")
    (said,) = await told.said("hilde-1")
    assert (delivery.state, delivery.template) == ("sent", "order_ready")
    assert said.text.startswith("Hello Hilde, your pair of mudguards has come")
    assert said.created_at - (await told.comment("hilde-1")).created_at > timedelta(days=1)
    answer = await told.comment("hilde-answer-1")
    assert answer.task_id == said.task_id


async def test_r18_the_scheduled_answer_waits_for_its_moment(told: Told) -> None:
    (delivery,) = await told.deliveries("oleg-1")
    assert delivery.state == "scheduled"
    assert (await told.task("oleg-1")).waiting_since is not None


async def test_r19_replies_quote_in_both_directions(told: Told) -> None:
    (answer,) = await told.said("tomek-1")
    assert answer.quote_id == (await told.comment("tomek-1")).id
    (sent,) = [p for p in told.sent["chat"] if p.chat_key == CLIENTS["tomek"].address]
    assert sent.quote_source_id == (await told.comment("tomek-1")).source_id
    assert (await told.comment("tomek-answer-1")).quote_id == answer.id
    ola = await told.comment("ola-3")
    assert (ola.quote_id, ola.quote_text) == ((await told.comment("ola-2")).id, "dętki 26 cali")


async def test_r19_a_mailed_answer_lands_in_its_task_and_tells_new_from_quoted(told: Told) -> None:
    comment = await told.comment("ewa-answer-1")
    assert comment.task_id == (await told.comment("ewa-1")).task_id
    assert comment.matched_by["kind"] == "reply_address"
    assert comment.new_text == CLIENTS["ewa"].answers[0].text
    assert "> Dzień dobry, proformę" in comment.text
    priya = await told.comment("priya-1")
    assert "4417. It leaves" in priya.text
    assert "4417. It leaves" not in priya.new_text


async def test_r20_files_came_in(told: Told) -> None:
    rows = await told.rows(
        select(t.attachment.c.name, t.blob.c.content).join(
            t.blob, t.blob.c.sha256 == t.attachment.c.sha256
        )
    )
    files = {row.name: row.content for row in rows}
    assert files["kolo.png"].startswith(b"\x89PNG")
    assert "KMC-X11" in files["заказ-ноябрь.csv"].decode()


async def test_r24_the_blocked_client_is_a_failure_for_its_author(told: Told) -> None:
    (delivery,) = await told.deliveries("nikita-1")
    assert (delivery.state, delivery.error["kind"]) == ("failed", "blocked_by_client")
    task = await told.task("nikita-1")
    (you,) = await told.rows(select(t.agent).where(t.agent.c.login == "maria"))
    notices = await told.rows(select(t.notice.c.agent_id).where(t.notice.c.task_id == task.id))
    assert (you.id,) in [tuple(row) for row in notices]
    assert task.active


async def test_r24_what_was_put_off_went_at_the_second_attempt(told: Told) -> None:
    (delivery,) = await told.deliveries("hannah-1")
    assert (delivery.state, delivery.attempts) == ("sent", 2)
    hannah = CLIENTS["hannah"].address
    sent = [p for p in told.sent["mail"] if hannah in [to.value for to in p.to]]
    assert [part.automatic for part in sent].count(False) == 1


async def test_r35_snoozed_assigned_tagged_and_left_alone(told: Told) -> None:
    assert (await told.task("sven-1")).snoozed_until is not None
    assert (await told.task("dima-1")).active is False
    pile = [(await told.task(key)).assignee_agent_id for key in ("priya-1", "james-1", "ola-1")]
    assert pile == [None, None, None]
    tags = await told.rows(select(t.tag.c.name).order_by(t.tag.c.name))
    assert [row.name for row in tags] == ["invoice", "wholesale"]


async def test_hostile_text_is_stored_harmless_and_readable(told: Told) -> None:
    comment, task = await told.comment("winner-1"), await told.task("winner-1")
    (name,) = await told.rows(select(t.contact.c.name).where(t.contact.c.id == comment.contact_id))
    (file,) = await told.rows(
        select(t.attachment.c.name).where(t.attachment.c.comment_id == comment.id)
    )
    for text in (comment.text, task.title, task.last_line, name.name, file.name):
        acting = {c for c in text if unicodedata.category(c) in ("Cc", "Cf")}
        assert acting <= {"\n"}, text
    assert "[@click=app.quit]" in comment.text


async def test_the_clients_fall_silent_after_their_answers(told: Told) -> None:
    rows = await told.rows(select(func.count()).select_from(t.receipt))
    most = len(STORY) + sum(len(client.answers) for client in CLIENTS.values())
    assert rows[0][0] <= most


def test_the_story_is_told_in_three_languages() -> None:
    for kind in ("mail", "messenger"):
        spoken = {c.language for c in CLIENTS.values() if c.kind == kind}
        assert spoken == {"en", "ru", "pl"}
    for line in STORY:
        cyrillic = any("CYRILLIC" in unicodedata.name(c, "") for c in line.text)
        assert cyrillic == (CLIENTS[line.client].language == "ru"), line.id
