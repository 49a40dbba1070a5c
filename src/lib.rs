//! dp: a control plane for data assets.
//!
//! Users declare in TOML the tables and files that should exist. dp compares the declarations with the recorded state
//! and with the files on the disk, shows what it would do and why, does exactly that, and records every side effect.
//!
//! ```text
//! files → Project → Graph → Plan → apply → Event* → Outcome
//!          Snapshot, Observed ─┘        └→ Snapshot (serial + 1)
//! ```
//!
//! # The map
//!
//! A module names only modules below it; `tests/arch` holds the table.
//!
//! | layer | module | what it is |
//! |---|---|---|
//! | surface | [`cli`] | the arguments, and one file per command |
//! | | [`ui`] | the two streams, width, colour, prompts; the only place that prints |
//! | | [`view`] | converts reports and events to text and JSON; decides nothing |
//! | operations | [`ops`] | what dp can do with a project, without a screen: proposes, asks, locks, executes |
//! | | [`report`] | the results of operations, as `--json` prints them |
//! | effects | [`run`] | executes a plan: builds, checks, publishes, recovers |
//! | | [`analyze`] | asks the engine what every query means, before anything runs |
//! | | [`observe`] | inspects files: sources by content, outputs against the state |
//! | replaceable | [`engine`] | binds SQL and runs it: DuckDB, embedded |
//! | | [`storage`] | keeps versions: folders in `.dp/store` |
//! | | [`publish`] | what other programs see: folders of links, and the catalogue |
//! | | [`ledger`] | the state in SQLite, and its lock |
//! | | [`cache`] | results that can be computed again |
//! | decisions | [`plan`] | what would be done, and why: a function of values |
//! | | [`effects`] | compares what a program did with what was declared |
//! | | [`facts`] | what is known of every asset before anything runs |
//! | | [`seam`] | the traits of what is replaceable, and the values that cross them |
//! | | [`graph`] | dependencies between assets; selections |
//! | | [`project`] | what users write in TOML |
//! | | [`intake`] | inspects every row of foreign files: reads them exactly, or refuses them with a place |
//! | | [`sql`] | quoting, placeholders, and what an engine reports about a query, as typed values |
//! | | [`definition`] | what is hashed, and what is not |
//! | base | [`base`] | places, files, time, randomness, wording, durations of phases, faults for tests |
//! | | [`process`] | runs a program and observes what it and all its descendants do |
//! | | [`model`] | names, ids, hashes, and what is recorded: plain values |
//!
//! # Files that dp writes
//!
//! | path | what |
//! |---|---|
//! | `.dp/state.db` | the state, which decides what is published |
//! | `.dp/backups/` | the state as it was before each of the last runs |
//! | `.dp/cache.db` | answers of the engine and hashes of files; may be deleted at any time |
//! | `.dp/unmoved/` | plans with nothing to do, and the stamps that they depend on; may be deleted at any time |
//! | `.dp/key` | the random key with which dp hashes secrets |
//! | `.dp/logs/RUN/` | the output of programs, and the complete list of their effects |
//! | `.dp/lock` | the current holder of the lock |
//! | `.dp/store/ASSET/VERSION/` | `data.parquet`, `manifest.json`, perhaps `export.*`; never changed |
//! | `.dp/tmp/` | unfinished work |
//! | `.dp/published/ENV/` | releases: folders of links, and the catalogue |
//! | `warehouse/ENV`, `warehouse/ENV.duckdb` | links to the published release |
//! | exports | at the path of `materialize = { file }` |

pub mod analyze;
pub mod base;
pub mod cache;
pub mod cli;
pub mod definition;
pub mod effects;
pub mod engine;
pub mod facts;
pub mod graph;
pub mod intake;
pub mod ledger;
pub mod model;
pub mod observe;
pub mod ops;
pub mod plan;
pub mod process;
pub mod project;
pub mod publish;
pub mod report;
pub mod run;
pub mod seam;
pub mod sql;
pub mod storage;
pub mod ui;
pub mod view;
