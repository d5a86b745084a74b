-- One reading of an account's followers at a time, also when two people ask at the same moment.
UPDATE follower_syncs SET state = 'done' WHERE state = 'running' AND id <> (
    SELECT max(newer.id) FROM follower_syncs AS newer WHERE newer.account_id = follower_syncs.account_id
);
CREATE UNIQUE INDEX follower_syncs_running ON follower_syncs (account_id) WHERE state = 'running';
