-- What is due is met in the order in which it leaves, also when thousands of messages are due at the same moment. An index of all that is not sent
-- would fit what a member has waiting too: a server whose figures are from when the queue was empty would read all of it, for each message.
CREATE INDEX outbox_next ON outbox (due_at, id) WHERE state = 'ready';
CREATE INDEX outbox_outcomes ON outbox (id) WHERE outcome <> '';
DROP INDEX outbox_due;
