-- stop-workers: the first migration; nothing runs before it
--
-- Run as the owner. The application connects as postern_app (or becomes it), which owns nothing, creates nothing and
-- cannot bypass row security; what it may touch is granted table by table below.

-- The installation ------------------------------------------------------------------------------------------------

create table installation (
  only_row      boolean primary key default true check (only_row),
  id            uuid not null default gen_random_uuid(),
  -- Holds demo data: keys of the kind pst_test_ are accepted, and only loopback is served.
  is_demo       boolean not null default false,
  -- Keys the digests of bodies kept with idempotency keys.
  digest_key    text not null default gen_random_uuid()::text || gen_random_uuid()::text,
  -- The policy in force; null before the first start.
  policy_hash   text,
  -- Which PostgreSQL this was at the last start. When it is another one, or on another timeline, the database was
  -- restored or failed over, and the revisions of the sites start over. Null before the first start.
  system_identifier text,
  timeline      integer,
  created_at    timestamptz(3) not null default now(),
  check ((system_identifier is null) = (timeline is null))
);
insert into installation default values;

-- What happened, who did it, what shall be done because of it ------------------------------------------------------

create table events (
  id            bigint generated always as identity primary key,
  kind          text not null,
  subject       text not null,
  client_id     text,
  data          jsonb not null,
  at            timestamptz(3) not null,
  -- A stream reads only below the oldest running transaction, so it misses no event that commits late.
  transaction   xid8 not null default pg_current_xact_id()
);
create index events_by_client on events (client_id, id) where client_id is not null;
create index events_by_subject on events (subject, id);

-- A stream is one writing connection: its rows are written one after another, so seq has no gap and no lock.
create table audit (
  stream        text not null,
  seq           bigint not null check (seq > 0),
  at            timestamptz(3) not null,
  actor_kind    text not null check (actor_kind in ('customer', 'staff', 'agent', 'system')),
  actor_id      text not null,
  -- The key the actor came with; null for the system.
  key_id        text,
  verb          text not null,
  kind          text not null,
  subject       text not null,
  client_id     text,
  event_id      bigint not null references events,
  primary key (stream, seq)
);
create index audit_by_subject on audit (subject, at);
create index audit_by_time on audit (at, stream, seq);
-- What one of the staff did; the many acts of customers are found by what they were done to.
create index audit_by_staff on audit (actor_id, at, stream, seq) where actor_kind = 'staff';

create table jobs (
  id            bigint generated always as identity primary key,
  kind          text not null,
  payload       jsonb not null,
  event_id      bigint references events,
  run_at        timestamptz(3) not null,
  attempts      integer not null default 0 check (attempts >= 0),
  -- Set while a worker has it; a lease that ran out is anybody's.
  lease         uuid,
  leased_until  timestamptz(3),
  -- Set when every attempt failed: kept for the operator, run by nobody.
  dead_at       timestamptz(3),
  last_error    text,
  created_at    timestamptz(3) not null,
  check ((lease is null) = (leased_until is null))
);
create index jobs_due on jobs (run_at, id) where dead_at is null;
create index jobs_dead on jobs (dead_at) where dead_at is not null;

create table idempotency_keys (
  scope         text not null,
  key           text not null,
  body_digest   text not null,
  resource_id   text,
  refusal       jsonb,
  created_at    timestamptz(3) not null,
  primary key (scope, key),
  check (num_nonnulls(resource_id, refusal) = 1)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- Quota already handed to API processes in a window of time; a process leases it in chunks.
create unlogged table rate_windows (
  bucket        text not null,
  starts_at     timestamptz(3) not null,
  used          integer not null check (used >= 0),
  primary key (bucket, starts_at)
);

-- Accounts ----------------------------------------------------------------------------------------------------------

create table clients (
  id                      text primary key check (id ~ '^client_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  legacy_id               bigint not null unique check (legacy_id > 0),
  name                    text,
  email                   text,
  status                  text not null check (status in ('active', 'suspended', 'closed')),
  first_name              text,
  last_name               text,
  company_name            text,
  registration_value      text,
  registration_country    text,
  country_code            text,
  phone_number            text,
  language_code           text,
  currency_code           text,
  account_type            text not null default 'private' check (account_type in ('private', 'organisation')),
  vat_number              text,
  invoice_reference       text,
  total_spend             numeric(14, 2),
  open_abuse_cases        integer check (open_abuse_cases >= 0),
  -- When the billing system held the facts above to be true.
  observed_at             timestamptz(3),
  created_at              timestamptz(3) not null,
  updated_at              timestamptz(3) not null
);

create table identity_proofs (
  client_id     text not null references clients on delete cascade,
  method        text not null check (method in ('bankid', 'eid', 'document', 'staff')),
  verified_at   timestamptz(3) not null,
  reference     text,
  primary key (client_id, method, verified_at)
);

create table staff (
  id            text primary key check (id ~ '^staff_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  name          text not null,
  email         text,
  role          text not null check (role in ('agent', 'reviewer', 'admin')),
  disabled_at   timestamptz(3),
  created_at    timestamptz(3) not null
);
create unique index staff_email on staff (lower(email));

create table api_keys (
  id            text primary key check (id ~ '^key_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  client_id     text references clients on delete cascade,
  staff_id      text references staff on delete cascade,
  name          text not null,
  -- SHA-256 of the whole key, hexadecimal; the key itself is shown once and kept nowhere.
  hash          text not null unique,
  last_four     text not null,
  is_test       boolean not null,
  scopes        text[] not null,
  created_at    timestamptz(3) not null,
  expires_at    timestamptz(3),
  revoked_at    timestamptz(3),
  last_used_at  timestamptz(3),
  -- The key that took its place when it was rolled; with an overlap it works until expires_at.
  successor_id  text,
  check (num_nonnulls(client_id, staff_id) = 1)
);
create index api_keys_by_client on api_keys (client_id, id) where client_id is not null;
create index api_keys_by_staff on api_keys (staff_id, id) where staff_id is not null;

-- Inventory ---------------------------------------------------------------------------------------------------------

create table services (
  id              text primary key,
  kind            text not null check (kind in ('vps', 'hosting', 'domain')),
  legacy_id       bigint not null check (legacy_id > 0),
  client_id       text not null references clients,
  name            text not null,
  status          text not null check (status in
                    ('active', 'suspended', 'terminated', 'pending', 'cancelled', 'expired', 'fraud', 'unknown')),
  plan_name       text,
  amount          numeric(14, 2) not null default 0,
  currency_code   text not null default 'SEK',
  billing_cycle   text check (billing_cycle in
                    ('monthly', 'quarterly', 'semiannually', 'annually', 'biennially', 'triennially', 'free')),
  is_payg         boolean not null default false,
  period_years    integer,
  paid_until      timestamptz(3),
  primary_ip      inet,
  -- What only this kind of service has; shaped by the noun.
  details         jsonb not null default '{}',
  observed_at     timestamptz(3),
  created_at      timestamptz(3) not null,
  updated_at      timestamptz(3) not null,
  ended_at        timestamptz(3),
  is_live         boolean not null generated always as (ended_at is null) stored,
  unique (kind, legacy_id),
  unique (id, client_id),
  unique (id, is_live),
  check (id ~ (case kind when 'vps' then '^vps_' when 'hosting' then '^acct_' else '^dom_' end
               || '[0-7][0-9a-hjkmnp-tv-z]{25}$'))
);
create index services_by_client on services (client_id, kind, id);

-- The period during which an address belongs to a service. History is kept; one live lease an address.
create table leases (
  id            text primary key,
  address       inet not null check (masklen(address) = case family(address) when 4 then 32 else 128 end),
  service_id    text not null,
  client_id     text not null,
  started_at    timestamptz(3) not null,
  ended_at      timestamptz(3),
  end_reason    text,
  is_live       boolean not null generated always as (ended_at is null) stored,
  -- True while the lease lives and null after it: a live lease needs a live service (the foreign key below).
  needs_service boolean generated always as (case when ended_at is null then true end) stored,
  foreign key (service_id, client_id) references services (id, client_id),
  foreign key (service_id, needs_service) references services (id, is_live),
  unique (id, is_live),
  unique (id, service_id, client_id, address),
  check (ended_at >= started_at),
  check ((ended_at is null) = (end_reason is null))
);
create unique index leases_one_live_per_address on leases (address) where ended_at is null;
create index leases_by_address on leases (address, started_at);
-- Also for the foreign key above, which looks for live leases whenever a service ends.
create index leases_by_service on leases (service_id, needs_service);

-- Sites: where an address is enforced, found by its prefix ------------------------------------------------------------

create table sites (
  id            text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  -- Changes when revisions start over (a restored database): agents then take a snapshot.
  epoch         uuid not null default gen_random_uuid(),
  -- Grows by one with every change of the desired set. The row is locked by the change, so revisions are in commit order.
  revision      bigint not null default 0 check (revision >= 0),
  -- Number of active entries.
  size          bigint not null default 0 check (size >= 0),
  created_at    timestamptz(3) not null
);

create table site_prefixes (
  site_id       text not null references sites on delete cascade,
  prefix        cidr not null,
  primary key (site_id, prefix),
  exclude using gist (prefix inet_ops with &&)
);

-- Port 25 -----------------------------------------------------------------------------------------------------------

-- Every policy that ever decided, by the SHA-256 of its canonical form: a receipt names it.
create table policies (
  hash          text primary key check (hash ~ '^[0-9a-f]{64}$'),
  document      jsonb not null,
  adopted_at    timestamptz(3) not null
);

alter table installation add foreign key (policy_hash) references policies;

create table port25_requests (
  id                text primary key check (id ~ '^p25_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  number            bigint generated always as identity unique,
  client_id         text not null,
  client_legacy_id  bigint not null,
  service_id        text not null,
  service_legacy_id bigint not null,
  -- As it was called when the request was made.
  service_name      text not null,
  address           inet not null,
  lease_id          text not null,
  state             text not null check (state in ('pending', 'approved', 'rejected', 'withdrawn', 'expired')),
  reason            text,
  -- The trust inputs as they were at submission; the whole of them is in the receipt.
  tier              smallint not null check (tier between 0 and 3),
  bankid_verified   boolean not null,
  total_spend       text not null,
  account_age_days  integer not null,
  policy_hash       text not null references policies,
  -- Policy version and hash, facts, trace, verdict: what is needed to replay the decision (I7).
  receipt           jsonb not null,
  requested_at      timestamptz(3) not null,
  updated_at        timestamptz(3) not null,
  resolved_at       timestamptz(3),
  decision_reason   text,
  -- Who decided: customer (withdrawn), staff, system.
  decided_by        text check (decided_by in ('customer', 'staff', 'system')),
  decided_by_id     text,
  ended_reason      text,
  -- When a decision was last taken back; it has been pending since then, or since it was requested.
  reopened_at       timestamptz(3),
  entry_id          text unique,
  is_approved       boolean not null generated always as (state = 'approved') stored,
  unique (id, is_approved),
  foreign key (lease_id, service_id, client_id, address) references leases (id, service_id, client_id, address),
  -- I2: approved if and only if an entry was made for it.
  check ((state = 'approved') = (entry_id is not null)),
  check ((state = 'pending') = (resolved_at is null)),
  check ((state = 'pending') = (decided_by is null))
);
-- I1: at most one pending request per address.
create unique index port25_one_pending_per_address on port25_requests (address) where state = 'pending';
create index port25_pending_by_lease on port25_requests (lease_id) where state = 'pending';
create index port25_pending_by_service on port25_requests (service_id) where state = 'pending';
create index port25_requests_by_client on port25_requests (client_id, requested_at desc, id desc);
create index port25_requests_by_address on port25_requests (address, resolved_at desc);
create index port25_requests_by_time on port25_requests (requested_at, id);
create index port25_requests_by_state on port25_requests (state, requested_at desc, id desc);

-- Decisions that were taken back: what had been decided, and who re-opened it. The decision that stands is in the request.
create table port25_reopenings (
  id              bigint generated always as identity primary key,
  request_id      text not null references port25_requests on delete cascade,
  at              timestamptz(3) not null,
  staff_id        text not null,
  -- For the staff; the customer does not read it.
  reason          text not null,
  decision        text not null check (decision in ('approved', 'rejected')),
  decided_at      timestamptz(3) not null,
  decided_by      text not null check (decided_by in ('staff', 'system')),
  decided_by_id   text not null,
  decision_reason text,
  entry_id        text,
  check ((decision = 'approved') = (entry_id is not null))
);
create index port25_reopenings_by_request on port25_reopenings (request_id, id);

create table allowlist_entries (
  id              text primary key check (id ~ '^entry_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  number          bigint generated always as identity unique,
  address         inet not null,
  lease_id        text not null,
  client_id       text not null,
  client_legacy_id  bigint not null,
  service_id      text not null,
  service_legacy_id bigint not null,
  service_name    text not null,
  site_id         text references sites,
  -- Of several entries for a request all but the newest are revoked: its decision was re-opened.
  request_id      text references port25_requests deferrable initially deferred,
  state           text not null check (state in ('active', 'suspended', 'revoked')),
  notes           text,
  added_by        text not null check (added_by in ('staff', 'system')),
  added_by_id     text not null,
  opened_at       timestamptz(3),
  created_at      timestamptz(3) not null,
  updated_at      timestamptz(3) not null,
  revoked_at      timestamptz(3),
  end_reason      text,
  -- True while the entry lives and null after it: I5, a live entry needs a live lease (the foreign key below).
  needs_lease     boolean generated always as (case when state <> 'revoked' then true end) stored,
  foreign key (lease_id, service_id, client_id, address) references leases (id, service_id, client_id, address),
  needs_approval  boolean generated always as (case when state <> 'revoked' then true end) stored,
  unique (id, request_id),
  foreign key (lease_id, needs_lease) references leases (id, is_live),
  check ((state = 'revoked') = (revoked_at is not null)),
  -- Why it was suspended or revoked.
  check ((state = 'active') = (end_reason is null))
);
-- I1: at most one live entry per address.
create unique index allowlist_one_live_per_address on allowlist_entries (address) where state <> 'revoked';
create index allowlist_by_client on allowlist_entries (client_id, id);
create index allowlist_by_service on allowlist_entries (service_id);
-- Also for the foreign key above, which looks for live entries whenever a lease ends.
create index allowlist_by_lease on allowlist_entries (lease_id, needs_lease);
create index allowlist_by_request on allowlist_entries (request_id, number) where request_id is not null;
create index allowlist_by_address on allowlist_entries (address, created_at);
create index allowlist_suspended on allowlist_entries (id) where state = 'suspended';
create index allowlist_by_site on allowlist_entries (site_id, id) where state = 'active';

-- I2 in both directions: the entry of a request is its own, and a live entry that a request granted stands on one that is
-- approved. Looked at when the transaction ends, since the two are written one after the other.
alter table port25_requests
  add foreign key (entry_id, id) references allowlist_entries (id, request_id) deferrable initially deferred;
alter table allowlist_entries
  add foreign key (request_id, needs_approval) references port25_requests (id, is_approved) deferrable initially deferred;

-- Every change of a site's desired set, one row a revision: what an agent that stood at revision - 1 must do.
create table allowlist_deltas (
  site_id       text not null references sites,
  revision      bigint not null,
  added         inet[] not null,
  removed       inet[] not null,
  size          bigint not null,
  at            timestamptz(3) not null,
  primary key (site_id, revision)
);

-- What the application may do -----------------------------------------------------------------------------------------

grant usage on schema public to postern_app;
-- What comes and goes.
grant select, insert, update, delete on
  idempotency_keys, rate_windows, jobs, identity_proofs, site_prefixes to postern_app;
-- What changes and stays.
grant select, insert, update on
  clients, staff, api_keys, services, leases, sites, allowlist_entries to postern_app;
grant select, update on installation to postern_app;
-- What was asked, and what was decided on, stays as it was; only how it ended is written later.
grant select, insert, update
  (state, updated_at, resolved_at, decision_reason, decided_by, decided_by_id, ended_reason, reopened_at, entry_id)
  on port25_requests to postern_app;
-- What happened stays: rows are added and read, never changed. (`postern demo remove` runs as the owner.)
grant select, insert on events, audit, policies, port25_reopenings to postern_app;
-- Deltas are never rewritten; those of an epoch that is over go with it.
grant select, insert, delete on allowlist_deltas to postern_app;
grant usage on all sequences in schema public to postern_app;

-- Temporary tables are tables too.
do $$ begin execute format('revoke temporary on database %I from public', current_database()); end $$;
