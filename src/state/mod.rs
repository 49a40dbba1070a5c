//! What dp knows, as plain data: what is recorded ([`Snapshot`]), what exists ([`Observed`]), and the types that both
//! use. Nothing here reads or writes anything.

mod check;
mod contents;
mod digest;
mod facts;
mod held;
mod later;
mod observed;
mod program;
mod reading;
mod release;
mod run;
mod schema;
mod settings;
mod shape;
mod snapshot;
mod version;

pub use check::{CheckOutcome, CheckRecord, Sample};
pub use contents::{ContentLists, ListContent};
pub use digest::Digest;
pub use facts::{Analysis, CheckFacts, Contract, Facts, NamedQuery, Standing, Trees, reads_of};
pub use held::{HeldBack, Undone, only_follows};
pub use later::Later;
pub use observed::{FileInput, Observed, OutputState, ShownChange, ShownState, SourceFiles};
pub use program::{Aspect, Filled, ObservedInput, PathState, ProgramFacts, ProgramRun, Seen, UnknownWord};
pub use reading::{Dialect, PublishedSource, Reading, SchemaChange};
pub use release::{NoReleaseName, ReleaseName};
pub use run::{Effect, Publication, RunScope, RunStart, Sighting, StepIntent, StepOutcome};
pub use schema::{Column, Schema};
pub use settings::{AssetSettings, SettingChange};
pub use shape::{Part, Shape};
pub use snapshot::{Catalogue, History, PastBuild, Published, RecordError, RecordedStep, ShownEnvironment, Snapshot};
pub use version::{ByHand, Export, InputRead, PlacedFile, RunId, STORE, StoredFile, Version, VersionId};
