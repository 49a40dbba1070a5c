-- A rollback holds the definition that it took back, whatever the inputs of the asset are by now.

alter table hold add column definition text;
update hold set definition = (select definition from version_record where id = hold.version);

-- What only followed the assets that it reads is not held itself: it stays with those that are.
delete from hold
where
    key is not null
    and exists (
        select 1 from pointer
        join version_record on version_record.number = pointer.version
        where
            pointer.environment = hold.environment and pointer.asset = hold.asset
            and version_record.definition = hold.definition
    )
    and exists (
        select 1 from version_record
        join input_record on input_record.version = version_record.number
        where version_record.id = hold.version and input_record.input_version is not null
    );

drop view held_back;
create view held_back as
select
    hold.environment as environment, asset, version, key, 'r' || hold.run as run, definition, started as since
from hold join run_record on run_record.run = hold.run;

-- An asset that is published takes over nothing more of what a former name of it has; two names that were swapped would be
-- swapped again at each apply.
create table settled_move (
    environment text not null references environment,
    asset text not null,
    former text not null,
    primary key (environment, asset, former)
) strict, without rowid;

-- Settings on which only dp's own behaviour depends, of the last declaration that was applied.
create table setting_record (
    environment text not null,
    asset text not null,
    document text not null,
    run integer not null references run_record,
    primary key (environment, asset)
) strict, without rowid;
