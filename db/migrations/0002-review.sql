-- stop-workers: an older version would resume a restored entry and leave its mark on it
--
-- What a restore suspended carries a mark of its own; why it is suspended is then free to be worded for the customer.
-- And every search of the audit log and of the requests has an index that gives its rows in order, however rare what it looks for is.

alter table allowlist_entries
  -- Suspended by a restore, until `postern allowlist confirm`.
  add column awaits_confirmation boolean not null default false,
  add constraint allowlist_awaits_confirmation check (not awaits_confirmation or state = 'suspended');

-- What a restore suspended before there was a mark, known by the words it used.
update allowlist_entries set
  awaits_confirmation = true,
  end_reason = 'Closed for a check after our records were restored from a backup.'
where state = 'suspended' and end_reason = 'Suspended by a restore; postern allowlist confirm resumes it.';

create index allowlist_awaiting on allowlist_entries (id) where awaits_confirmation;

create index audit_by_kind on audit (kind, at, stream, seq);
create index audit_by_verb on audit (verb, at, stream, seq);
-- Customers and parts of the system as well as staff.
create index audit_by_actor on audit (actor_id, at, stream, seq);
drop index audit_by_staff;

-- The same for requests: in one direction, so that state and time can be compared as one row.
create index port25_by_state on port25_requests (state, requested_at, id);
drop index port25_requests_by_state;
create index port25_by_tier on port25_requests (tier, requested_at, id);
