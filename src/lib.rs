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
//! | layer | module | what it is |
//! |---|---|---|
//! | surface | [`cli`] | one file per command; opens project, state and engine on demand |
//! | | [`view`] | converts values to text and JSON; decides nothing |
//! | | [`ui`] | the two streams, width, colour, prompts; the only place that prints |
//! | effects | [`apply`] | executes a plan: builds, checks, publishes, recovers |
//! | | [`store`] | the state in SQLite, the lock, the disposable cache |
//! | | [`warehouse`] | engines; the only place that knows DuckDB |
//! | | [`analyze`] | asks the engine what every query means, before anything runs |
//! | | [`intake`] | inspects every row of foreign files: reads them exactly, or refuses them with a place |
//! | | [`observe`] | inspects files: sources by content, outputs against the record |
//! | | [`process`] | runs a program and observes what it and all its descendants do |
//! | decisions | [`plan`] | what would be done, and why: a function of values |
//! | | [`effects`] | compares what a program did with what was declared |
//! | | [`state`] | what dp knows, as plain data |
//! | | [`fingerprint`] | what is hashed, and what is not |
//! | | [`graph`] | dependencies between assets; selections |
//! | | [`project`] | what users write in TOML |
//! | | [`sql`] | quoting, placeholders, syntax trees and bound plans as data |
//! | base | [`diagnostic`], [`fs`], [`clock`], [`id`], [`words`], [`trace`], [`fault`] | places, files, time, ids, wording, durations of phases, faults for tests |
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
pub mod apply;
pub mod cli;
pub mod clock;
pub mod diagnostic;
pub mod effects;
pub mod fault;
pub mod fingerprint;
pub mod fs;
pub mod graph;
pub mod id;
pub mod intake;
pub mod observe;
pub mod plan;
pub mod process;
pub mod project;
pub mod sql;
pub mod state;
pub mod store;
pub mod trace;
pub mod ui;
pub mod view;
pub mod warehouse;
pub mod words;
