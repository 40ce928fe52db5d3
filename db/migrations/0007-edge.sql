-- stop-workers: the version before would raise revisions without their sum
--
-- The edge: the sum that a desired set is compared by, what agents have made true, and what is wrong with them.

-- An element of a desired set as a number: the first 16 bytes of SHA-256 of its text (contract/edge-protocol.ts).
create function edge_number(address inet) returns numeric
  language sql immutable strict parallel safe
  return (('x' || substr(encode(sha256(host(address)::bytea), 'hex'),  1, 8))::bit(32)::bigint * 79228162514264337593543950336
        + ('x' || substr(encode(sha256(host(address)::bytea), 'hex'),  9, 8))::bit(32)::bigint * 18446744073709551616
        + ('x' || substr(encode(sha256(host(address)::bytea), 'hex'), 17, 8))::bit(32)::bigint * 4294967296::numeric
        + ('x' || substr(encode(sha256(host(address)::bytea), 'hex'), 25, 8))::bit(32)::bigint);

-- A sum of such numbers, some of them taken away again, modulo 2^128.
create function edge_sum(total numeric) returns numeric
  language sql immutable strict parallel safe
  return mod(mod(total, 340282366920938463463374607431768211456) + 340282366920938463463374607431768211456,
             340282366920938463463374607431768211456);

-- The sum over what is active at the site; moves with revision and size in the same statement.
alter table sites add column sum numeric(39) not null default 0 check (sum >= 0);
update sites set sum = edge_sum(coalesce((
  select sum(edge_number(e.address)) from allowlist_entries e where e.site_id = sites.id and e.state = 'active'), 0));

-- The same after the delta.
alter table allowlist_deltas add column sum numeric(39);
update allowlist_deltas d set sum = running.sum
from (
  select site_id, revision, edge_sum(sum(change) over (partition by site_id order by revision)) as sum
  from (
    select site_id, revision,
      coalesce((select sum(edge_number(a)) from unnest(added) a), 0)
        - coalesce((select sum(edge_number(r)) from unnest(removed) r), 0) as change
    from allowlist_deltas
  ) as changes
) as running
where d.site_id = running.site_id and d.revision = running.revision;
alter table allowlist_deltas alter column sum set not null;

-- An entry is settled when the edge has acknowledged what it is: open when it is active, closed when it is not.
-- site_revision is that of its site when it last came into the desired set or left it.
alter table allowlist_entries
  add column site_revision bigint,
  add column closed_at timestamptz(3);
update allowlist_entries e set site_revision = s.revision from sites s where s.id = e.site_id;
-- What was never open cannot still be.
update allowlist_entries set closed_at = updated_at where state <> 'active' and (opened_at is null or site_id is null);
alter table allowlist_entries
  add check (site_id is null or site_revision is not null),
  add check (state <> 'active' or closed_at is null);
-- Of these there are few, unless a site has no armed agent.
create index allowlist_pending on allowlist_entries (site_id, site_revision) where state = 'active' and opened_at is null;
create index allowlist_closing on allowlist_entries (site_id, site_revision) where state <> 'active' and closed_at is null;

-- Agents: one a machine that enforces, each of one site.
create table edge_agents (
  id            text primary key check (id ~ '^agent_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  site_id       text not null references sites,
  name          text not null,
  created_at    timestamptz(3) not null,
  -- Its key signs nobody in; nothing waits for it to open, and what it may hold open still counts.
  disabled_at   timestamptz(3),
  -- The machine is gone: it counts for nothing any more.
  removed_at    timestamptz(3),
  -- When it was first given the desired set: from then on it may hold something open.
  met_at        timestamptz(3),
  -- What it said last. The position is null until it has said one that the site knows.
  seen_at       timestamptz(3),
  armed         boolean not null default false,
  epoch         uuid,
  revision      bigint check (revision >= 0),
  kernel_sum    text,
  host          text,
  version       text,
  driver        text,
  counters      jsonb,
  -- Which run of the program, since when, and which one was before it: one that comes back means that two are running.
  instance      text,
  instance_at   timestamptz(3),
  former_instance text,
  doubled_at    timestamptz(3),
  -- Whether its last report had an alarm in it.
  is_troubled   boolean not null default false,
  -- The held snapshot that staff accepted, by the moment at which the agent began to hold it.
  accepted_hold timestamptz(3),
  check ((epoch is null) = (revision is null)),
  check (armed = false or seen_at is not null)
) with (fillfactor = 60);
create unique index edge_agents_by_name on edge_agents (site_id, lower(name)) where removed_at is null;
create index edge_agents_by_site on edge_agents (site_id, id);

alter table api_keys add column agent_id text references edge_agents;
alter table api_keys drop constraint api_keys_check;
alter table api_keys add check (num_nonnulls(client_id, staff_id, agent_id) = 1);
-- One key an agent; one that was rolled works on until it expires.
create unique index api_keys_one_per_agent on api_keys (agent_id)
  where agent_id is not null and revoked_at is null and successor_id is null;
create index api_keys_by_agent on api_keys (agent_id, id) where agent_id is not null;

-- How agents found their kernels changed by somebody else; the newest of each are kept.
create table edge_drifts (
  id            bigint generated always as identity primary key,
  agent_id      text not null references edge_agents,
  -- By the agent's clock; a report of the same moment is the same one.
  found_at      timestamptz(3) not null,
  reported_at   timestamptz(3) not null,
  repaired_at   timestamptz(3),
  table_gone    boolean not null,
  extra_count   bigint not null check (extra_count >= 0),
  missing_count bigint not null check (missing_count >= 0),
  -- The first few of them.
  extra         text[] not null,
  missing       text[] not null,
  found_by      text,
  unique (agent_id, found_at)
);

-- What is wrong at the edge and for how long. Each is raised once and cleared once.
create table edge_alarms (
  id            bigint generated always as identity primary key,
  site_id       text not null references sites,
  -- Null for what concerns the site as a whole.
  agent_id      text references edge_agents,
  kind          text not null,
  detail        text not null,
  raised_at     timestamptz(3) not null,
  cleared_at    timestamptz(3)
);
create unique index edge_alarms_live on edge_alarms (site_id, coalesce(agent_id, ''), kind) where cleared_at is null;
create index edge_alarms_by_time on edge_alarms (raised_at);

grant select, insert, update on edge_agents to postern_app;
-- What is told is kept for a while only.
grant select, insert, update, delete on edge_drifts, edge_alarms to postern_app;
