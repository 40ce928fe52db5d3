-- stop-workers: the version before would call closed what the agents of a site that an entry left may still hold open
--
-- What is told of the edge is true also of agents that are cut off, cloned or hostile (docs/decisions/0040).

-- An entry left a site with this revision, and agents there may still hold its address open. Gone when all of them have
-- acknowledged that revision.
create table allowlist_departures (
  entry_id text not null references allowlist_entries,
  site_id  text not null references sites,
  revision bigint not null check (revision >= 0),
  primary key (entry_id, site_id)
);
create index allowlist_departures_by_site on allowlist_departures (site_id, revision);
grant select, insert, update, delete on allowlist_departures to postern_app;

-- How many of these an entry has. It changes under the lock of the entry, so that whoever ends the entry at the same moment as
-- the last of them goes sees that it has gone.
alter table allowlist_entries add column departures smallint not null default 0 check (departures >= 0);
-- Of entries that left their last site before this the site is forgotten, so nobody could close them.
update allowlist_entries set closed_at = updated_at where state <> 'active' and closed_at is null and site_id is null;

-- The largest size within an hour is read from this alone.
create index allowlist_deltas_by_time on allowlist_deltas (site_id, at, revision) include (size);

-- Which runs of the program were at work before the present one, the last one last: one that comes back means that several
-- are running.
alter table edge_agents add column former_instances text[] not null default '{}';
update edge_agents set former_instances = array[former_instance] where former_instance is not null;
alter table edge_agents drop column former_instance;

-- How many events of what an agent reports were written since the hour began that they are counted in.
alter table edge_agents
  add column told      integer not null default 0 check (told >= 0),
  add column told_from timestamptz(3);
-- How often an alarm of an agent was raised within an hour.
create index edge_alarms_by_agent on edge_alarms (agent_id, raised_at) where agent_id is not null;
