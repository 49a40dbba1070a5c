-- Format 1. Times are RFC 3339 in UTC with six decimals, so that they sort as text.
-- Never changed after its release; see migrations.rs.

create table state (
    one integer primary key check (one = 1),
    id text not null,
    serial integer not null
) strict;

create table run_record (
    run integer primary key autoincrement,
    command text not null,
    environment text not null,
    arguments text not null,
    user text not null,
    host text not null,
    pid integer not null,
    dp_version text not null,
    engine text not null,
    plan text not null,
    started text not null,
    finished text,
    outcome text,
    counts text
) strict;
create index run_unfinished on run_record (run) where finished is null;

create table step_record (
    run integer not null references run_record,
    position integer not null,
    asset text not null,
    action text not null,
    reasons text not null,
    intended_version text,
    outcome text,
    started text,
    ms integer,
    version text,
    message text,
    primary key (run, position)
) strict, without rowid;

create table definition_record (
    fingerprint text primary key,
    document text not null
) strict, without rowid;

create table version_record (
    number integer primary key autoincrement,
    id text not null unique,
    asset text not null,
    key text not null,
    definition text not null,
    run integer not null references run_record,
    created text not null,
    rows integer,
    bytes integer not null,
    content text,
    path text,
    engine text not null,
    deterministic integer not null,
    state text not null default 'intact' check (state in ('intact', 'damaged', 'removed')),
    state_reason text,
    document text not null
) strict;
create index version_by_asset on version_record (asset);
create index version_by_key on version_record (asset, key) where state = 'intact';

create table input_record (
    version integer not null references version_record,
    position integer not null,
    name text not null,
    input_version text,
    content text,
    direct integer not null,
    primary key (version, position)
) strict, without rowid;
create index input_by_name on input_record (name);

create table environment (
    name text primary key,
    release text not null
) strict, without rowid;

create table pointer (
    environment text not null references environment,
    asset text not null,
    version integer not null references version_record,
    since text not null,
    run integer not null references run_record,
    primary key (environment, asset)
) strict, without rowid;
create index pointer_by_version on pointer (version);

create table publication (
    id integer primary key autoincrement,
    run integer not null references run_record,
    environment text not null references environment,
    at text not null,
    serial integer not null,
    release text not null,
    previous_release text
) strict;
create index publication_by_environment on publication (environment);
create index publication_by_run on publication (run);

create table publication_change (
    publication integer not null references publication,
    asset text not null,
    before integer references version_record,
    after integer references version_record,
    primary key (publication, asset)
) strict, without rowid;

create table effect_record (
    id integer primary key autoincrement,
    run integer not null references run_record,
    step integer,
    asset text not null,
    kind text not null,
    path text,
    version text,
    replaced text,
    rows integer,
    bytes integer,
    ms integer,
    content text
) strict;
create index effect_by_run on effect_record (run);
create index effect_by_asset on effect_record (asset);

create table check_record (
    id integer primary key autoincrement,
    run integer not null references run_record,
    asset text not null,
    version text not null,
    check_name text not null,
    kind text not null,
    key text not null,
    severity text not null,
    outcome text not null,
    failures integer not null,
    message text,
    ms integer not null,
    document text not null
) strict;
create index check_by_run on check_record (run);
create index check_by_asset on check_record (asset, check_name);
create index check_by_key on check_record (key) where outcome <> 'errored';

create table event_record (
    id integer primary key autoincrement,
    time text not null,
    run integer not null references run_record,
    event text not null,
    asset text,
    data text not null
) strict;

-- For people. Columns may be added; none is renamed or removed.

create view runs as
select
    'r' || run as run, command, environment, outcome, started, finished,
    round((julianday(finished) - julianday(started)) * 86400, 3) as seconds,
    counts ->> 'built' as built,
    counts ->> 'cut_off' as cut_off,
    counts ->> 'reused' as reused,
    counts ->> 'checked' as checked,
    counts ->> 'destroyed' as destroyed,
    counts ->> 'failed' as failed,
    counts ->> 'skipped' as skipped,
    user, host, pid, arguments, dp_version, engine, plan
from run_record;

create view steps as
select
    'r' || step_record.run as run, environment, position + 1 as step, asset, action, step_record.outcome as outcome,
    step_record.started as started, ms, coalesce(version, intended_version) as version, message, reasons
from step_record join run_record using (run);

create view effects as
select
    'r' || effect_record.run as run, environment, effect_record.id as id, step + 1 as step, asset, kind, path, version,
    replaced, rows, bytes, ms, content, user, host, dp_version, started as run_started
from effect_record join run_record using (run);

create view versions as
select
    id as version, asset, 'r' || run as run, created, state, state_reason, rows, bytes, content, path, engine,
    deterministic, key, definition
from version_record;

create view published as
select
    pointer.environment as environment, pointer.asset as asset, version_record.id as version, since,
    'r' || pointer.run as run, rows, bytes, content, path, release
from pointer
join version_record on version_record.number = pointer.version
join environment on environment.name = pointer.environment;

create view lineage as
select
    'r' || run as run, asset, id as version, input_record.name as input, input_version,
    input_record.content as content, direct
from input_record join version_record on version_record.number = input_record.version;

create view check_results as
select
    'r' || check_record.run as run, environment, asset, version, check_name, kind, severity,
    check_record.outcome as outcome, failures, message, ms, key, started as run_started
from check_record join run_record using (run);

create view events as
select id, time, 'r' || run as run, event, asset, data
from event_record;
