-- Made by python -m tests.first_page; do not change by hand.

-- statement agent active:flag
SELECT agent.id, agent.name, agent.active
FROM agent
WHERE agent.login = :login

-- statement look value:json
SELECT setting.value
FROM setting
WHERE setting.name = :name

-- statement channels
SELECT account.channel, account.channel_label
FROM account
WHERE account.configured = 1

-- statement viewer admin:flag foreign:flag closed:flag
SELECT agent.admin, agent.read_baseline, account.id, account.role = 'personal' AND account.owner_id IS NOT :agent_id AS "foreign", agent.admin = 0 AND (account.id IN (SELECT account_agent_1.account_id
FROM account_agent AS account_agent_1) OR account.awaits IS NOT NULL) AND (account.id NOT IN (SELECT account_agent_2.account_id
FROM account_agent AS account_agent_2
WHERE account_agent_2.agent_id = :agent_id)) AND account.owner_id IS NOT :agent_id AS closed
FROM agent LEFT OUTER JOIN account ON account.role = 'personal' AND account.owner_id IS NOT :agent_id OR agent.admin = 0 AND (account.id IN (SELECT account_agent_1.account_id
FROM account_agent AS account_agent_1) OR account.awaits IS NOT NULL) AND (account.id NOT IN (SELECT account_agent_2.account_id
FROM account_agent AS account_agent_2
WHERE account_agent_2.agent_id = :agent_id)) AND account.owner_id IS NOT :agent_id
WHERE agent.id = :agent_id ORDER BY account.id

-- statement page key:time
SELECT task.id, task.waiting_since AS "key"
FROM task
WHERE task.waiting_since IS NOT NULL AND task.deleted_at IS NULL AND task.merged_into_id IS NULL AND task.purged_at IS NULL AND task.active = 1 AND (task.snoozed_until IS NULL OR task.snoozed_until <= :now) AND task.spam = 0 AND (task.private_to_id IS NULL AND (task.account_id IS NULL OR (task.account_id NOT IN (SELECT value FROM json_each(:closed)))) OR task.private_to_id = :agent_id OR task.assignee_agent_id = :agent_id OR task.id IN (SELECT task.root_id
FROM participant JOIN task ON task.id = participant.task_id
WHERE participant.agent_id = :agent_id)) ORDER BY task.waiting_since ASC, task.id ASC
 LIMIT :most OFFSET 0

-- statement rows active:flag spam:flag deleted_at:time purged_at:time snoozed_until:time waiting_since:time closed_at:time created_at:time last_activity_at:time limits:json draft:flag
SELECT task.id, task.title, task.status, task.active, task.contact_id, task.account_id, task.assignee_agent_id, task.assignee_contact_id, task.merged_into_id, task.root_id, task.previous_task_id, task.reply_via, task.spam, task.private_to_id, task.deleted_at, task.purged_at, task.snoozed_until, task.waiting_since, task.last_notable_id, task.last_direction, task.last_line, task.closed_at, task.created_at, task.last_activity_at, account.name AS account_name, account.channel, account.sign, account.limits, card.id AS card_id, card.name AS card_name, agent.name AS agent_name, agent.login, helper_card.id AS helper_id, helper_card.name AS helper_name, previous.root_id AS previous_root_id, root.last_notable_id AS notable_id, coalesce(read_mark.comment_id, 0) AS read_id, coalesce((SELECT max(notice.comment_id) AS max_1
FROM notice JOIN task AS member ON member.id = notice.task_id
WHERE notice.agent_id = :agent_id AND member.root_id = task.root_id), 0) AS noticed_id, (SELECT group_concat(tag.name, '
') AS aggregate_strings_1
FROM tag JOIN task AS member ON member.id = tag.task_id
WHERE member.root_id = task.id) AS tags, EXISTS (SELECT *
FROM draft
WHERE draft.agent_id = :agent_id AND draft.task_id = task.id) AS draft
FROM task JOIN task AS root ON root.id = task.root_id LEFT OUTER JOIN account ON account.id = task.account_id LEFT OUTER JOIN contact AS "of" ON "of".id = task.contact_id LEFT OUTER JOIN contact AS card ON card.id = "of".root_id LEFT OUTER JOIN agent ON agent.id = task.assignee_agent_id LEFT OUTER JOIN contact AS helper ON helper.id = task.assignee_contact_id LEFT OUTER JOIN contact AS helper_card ON helper_card.id = helper.root_id LEFT OUTER JOIN task AS previous ON previous.id = task.previous_task_id LEFT OUTER JOIN read_mark ON read_mark.task_id = task.root_id AND read_mark.agent_id = :agent_id
WHERE task.id IN (SELECT value FROM json_each(:ids))

-- statement states
SELECT task.root_id, max(CASE WHEN (delivery.state = 'scheduled') THEN 1 ELSE 0 END) AS scheduled, max(CASE WHEN (delivery.state != 'scheduled') THEN 1 ELSE 0 END) AS failed
FROM delivery JOIN comment ON comment.id = delivery.comment_id JOIN task ON task.id = comment.task_id
WHERE task.root_id IN (SELECT value FROM json_each(:ids)) AND (delivery.state = 'scheduled' OR delivery.state IN ('failed', 'unknown', 'held')) AND delivery.dismissed_at IS NULL GROUP BY task.root_id

-- statement heard heard_at:time
SELECT root.id AS root_id, max(chat.last_incoming_at) AS heard_at
FROM binding JOIN task ON task.id = binding.task_id JOIN task AS root ON root.id = task.root_id JOIN chat ON chat.id = binding.chat_id AND chat.account_id = root.account_id
WHERE task.root_id IN (SELECT value FROM json_each(:ids)) AND binding.aside IS 0 GROUP BY root.id

-- statement visible
SELECT task.id
FROM task JOIN task AS root ON root.id = task.root_id
WHERE task.id IN (SELECT value FROM json_each(:ids)) AND (root.private_to_id IS NULL AND (root.account_id IS NULL OR (root.account_id NOT IN (SELECT value FROM json_each(:closed)))) OR root.private_to_id = :agent_id OR root.assignee_agent_id = :agent_id OR root.id IN (SELECT task.root_id
FROM participant JOIN task ON task.id = participant.task_id
WHERE participant.agent_id = :agent_id))
