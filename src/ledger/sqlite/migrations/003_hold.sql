-- Format 3: what a rollback keeps from coming back unasked, and environments that were deleted.

-- `key` is that of the version that was rolled back; NULL if the asset was withdrawn by what was rolled back.
create table hold (
    environment text not null references environment,
    asset text not null,
    key text,
    version text,
    run integer not null references run_record
) strict;
create unique index hold_once on hold (environment, asset, coalesce(key, ''));

-- When; NULL for one that is there. Its name stays, for the history refers to it.
alter table environment add column deleted text;

create view held_back as
select environment, asset, version, key, 'r' || run as run from hold;
