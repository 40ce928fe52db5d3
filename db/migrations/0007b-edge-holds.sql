-- online: new columns that the version before does not look at
--
-- Since when an epoch is, and since when an agent has an alarm: a hold that staff accepted is told from the next one by it.

alter table sites add column epoch_at timestamptz(3) not null default now();
update sites set epoch_at = created_at;

-- By the agent's clock; null for what the control plane found by itself.
alter table edge_alarms add column since timestamptz(3);
