-- online: new tables, which the old version does not know
--
-- Tickets. Every row names its client, and no row refers to one that many share (a client, a department): what creates
-- tickets at the same time must not meet in a row that all of them lock.

-- Where customers send their tickets. A department is never deleted: tickets name it.
create table departments (
  slug          text primary key check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 64),
  -- What the first generation knows it by.
  number        integer generated always as identity unique,
  display_name  text not null,
  description   text,
  email         text,
  -- False for one that takes no new tickets: its old ones stay.
  is_open       boolean not null default true,
  created_at    timestamptz(3) not null default now(),
  updated_at    timestamptz(3) not null default now()
);
insert into departments (slug, display_name) values
  ('general-web-hosting', 'General - Web hosting'),
  ('domain-names', 'Domain names'),
  ('vps', 'VPS'),
  ('billing', 'Billing');

-- Growing, never given twice, gaps allowed; a start can raise it (POSTERN_TICKET_NUMBER_BASE).
create sequence ticket_numbers as bigint start 10001;

create table tickets (
  id              text not null check (id ~ '^tkt_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  number          bigint not null default nextval('ticket_numbers') check (number > 0),
  client_id       text not null,
  subject         text not null,
  -- The opening message; what follows stands in ticket_messages.
  body            text not null,
  status          text not null check (status in
                    ('open', 'answered', 'customer_reply', 'in_progress', 'on_hold', 'closed', 'unknown')),
  priority        text not null check (priority in ('low', 'medium', 'high', 'urgent', 'critical')),
  department_slug text not null,
  -- As the person was called who opened it.
  requester_name  text,
  cc_emails       text[] not null,
  service_type    text check (service_type in ('domain', 'hosting', 'vps', 'other')),
  service_id      text,
  -- As the service was called then; of a service of another kind, what the customer calls it.
  service_name    text,
  critical_reason text,
  ai_summary      text,
  ai_helpful      boolean,
  -- The opening and the messages that the customer may read.
  message_count   integer not null default 1 check (message_count >= 1),
  -- Of the last message, internal ones too; the opening is 0. The ticket's row is locked when it grows, so messages are
  -- numbered in the order in which they are committed.
  last_place      integer not null default 0 check (last_place >= 0),
  -- UTF-8 bytes of subject, opening and the messages that the customer may read.
  text_bytes      integer not null check (text_bytes >= 0),
  created_at      timestamptz(3) not null,
  updated_at      timestamptz(3) not null,
  last_message_at timestamptz(3) not null,
  closed_at       timestamptz(3),
  -- Both keys begin with what is asked for and hold the client, by which the table can be distributed.
  primary key (id, client_id),
  unique (number, client_id),
  check ((status = 'closed') = (closed_at is not null)),
  check (last_place >= message_count - 1),
  check (service_type is not null or (service_id is null and service_name is null)),
  check (service_type = 'other' or (service_type is null) = (service_id is null)),
  check (service_type is distinct from 'other' or service_id is null),
  check (priority <> 'critical' or critical_reason is not null)
);
create index tickets_by_client on tickets (client_id, last_message_at desc, id desc);
create index tickets_by_status on tickets (status, last_message_at desc, id desc);

create table ticket_messages (
  id              text not null check (id ~ '^tmsg_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  client_id       text not null,
  ticket_id       text not null,
  place           integer not null check (place > 0),
  -- For staff only; nothing of it reaches a customer.
  is_internal     boolean not null default false,
  sender_kind     text not null check (sender_kind in ('customer', 'staff', 'automation')),
  -- Who wrote it: a client, a member of staff, a part of the system.
  sender_id       text not null,
  -- As customers are shown the sender.
  sender_name     text,
  is_encrypted    boolean not null default false,
  body            text,
  -- The encrypted text, and the month whose key opens it; null once it was shredded.
  sealed          bytea,
  seal_month      text check (seal_month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  sent_at         timestamptz(3) not null,
  primary key (id, client_id),
  unique (ticket_id, client_id, place),
  foreign key (ticket_id, client_id) references tickets (id, client_id),
  check (not is_internal or sender_kind <> 'customer'),
  check (case when is_encrypted then body is null and (sealed is null or seal_month is not null)
              else body is not null and sealed is null and seal_month is null end)
);

-- When a client last sent a critical ticket: one an hour (contract 14.25), also when several arrive at once.
create table critical_tickets (
  client_id     text primary key,
  sent_at       timestamptz(3) not null
);

-- What was said stays as it was; only how a ticket stands is written later.
grant select, insert, update
  (status, department_slug, priority, cc_emails, message_count, last_place, text_bytes, updated_at, last_message_at, closed_at)
  on tickets to postern_app;
grant select, insert on ticket_messages to postern_app;
grant select, insert, update on critical_tickets to postern_app;
grant select, insert, update (display_name, description, email, is_open, updated_at) on departments to postern_app;
grant usage on all sequences in schema public to postern_app;
