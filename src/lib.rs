//! dp: a control plane for data assets.
//!
//! People declare in TOML the tables and files that should exist; dp compares that with what is on
//! record and with what is really there, says what it would do and why, does exactly that, and
//! records every side effect.
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
//! | surface | [`cli`] | one file a verb; opens project, state and engine when asked |
//! | | [`view`] | values to text and JSON; decides nothing |
//! | | [`ui`] | the two streams, width, colour, prompts; the only place that prints |
//! | effects | [`apply`] | does what a plan says: builds, checks, publishes, recovers |
//! | | [`store`] | the record in SQLite, the lock, the disposable cache |
//! | | [`warehouse`] | engines; the only place that knows DuckDB |
//! | | [`analyze`] | asks the engine what every query means, before anything runs |
//! | | [`intake`] | looks at every row of foreign files: reads them exactly, or refuses them with a place |
//! | | [`observe`] | looks at files: sources by content, outputs by what was recorded |
//! | | [`process`] | runs a program and sees what it and all that it starts really do |
//! | decisions | [`plan`] | what would be done, and why: a function of values |
//! | | [`effects`] | what a program did, held against what was declared |
//! | | [`state`] | what dp knows, as plain data |
//! | | [`fingerprint`] | what is hashed, and what is not |
//! | | [`graph`] | what depends on what; selections |
//! | | [`project`] | what people wrote in TOML |
//! | | [`sql`] | quoting, placeholders, syntax trees and bound plans as data |
//! | base | [`diagnostic`], [`fs`], [`clock`], [`id`], [`words`], [`trace`], [`fault`] | places, files, time, names, wording, how long phases take, faults for tests |
//!
//! # Files that dp writes
//!
//! | path | what |
//! |---|---|
//! | `.dp/state.db` | the record: the truth about what is published |
//! | `.dp/backups/` | the record as it was before each of the last runs |
//! | `.dp/cache.db` | answers of the engine and hashes of files; may be deleted at any time |
//! | `.dp/unmoved/` | plans with nothing to do, and the stamps that they stand on; may be deleted at any time |
//! | `.dp/key` | random bytes under which secrets count without being known |
//! | `.dp/logs/RUN/` | what programs printed, and the whole list of what they did |
//! | `.dp/lock` | who works on the project now |
//! | `.dp/store/ASSET/VERSION/` | `data.parquet`, `manifest.json`, perhaps `export.*`; never changed |
//! | `.dp/tmp/` | what is not finished |
//! | `.dp/published/ENV/` | releases: folders of links, and the catalogue |
//! | `warehouse/ENV`, `warehouse/ENV.duckdb` | links to the release that is published |
//! | exports | where `materialize = { file }` says |

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
