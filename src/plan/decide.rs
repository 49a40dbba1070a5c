//! The rules of what is rebuilt. The plan uses them before anything runs, and the apply uses them as inputs finish.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::{CheckKey, InputContent, KeyParts, ViewColumns};
use crate::facts::{CheckFacts, Facts};
use crate::model::{
    AssetName, Columns, ContentLists, Digest, InputRead, ListContent, Observed, ObservedInput, Schema, Version,
    VersionId,
};

/// What is known of an input's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputState {
    /// The input will have this version with this content.
    Known {
        /// The version; `None` while it is not built but its content is certain.
        version: Option<VersionId>,
        /// C of its rows; for a computed view, the keys of what it computes.
        contents: ContentLists,
    },
    /// The input will be built, and its rows may or may not change.
    Unknown {
        /// What is certain of some of its columns.
        certain: Option<Certain>,
    },
}

/// Columns whose rows are certain although their table will be rebuilt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certain {
    /// The version that has the same rows in these columns; `None` if no version stands for them.
    pub same_as: Option<VersionId>,
    /// The columns.
    pub columns: Columns,
    /// C over lists of these columns.
    pub contents: ContentLists,
}

/// What is known of all inputs, by asset.
pub type Contents = BTreeMap<AssetName, InputState>;

/// Returns the state of an asset whose version exists.
pub fn known(version: &Version) -> InputState {
    InputState::Known {
        version: Some(version.id.clone()),
        contents: version.contents(),
    }
}

impl InputState {
    fn contents(&self) -> Option<&ContentLists> {
        match self {
            Self::Known { contents, .. } => Some(contents),
            Self::Unknown { certain } => certain.as_ref().map(|certain| &certain.contents),
        }
    }

    /// Returns the columns in which this input has the rows that were read before; `None` if nothing is certain, not
    /// even the number of rows.
    pub fn same_as_read(&self, before: &InputRead) -> Option<Columns> {
        let (version, contents) = match self {
            Self::Known { version, contents } => (version, contents),
            Self::Unknown { certain } => {
                let certain = certain.as_ref()?;
                (&certain.same_as, &certain.contents)
            }
        };
        let same = if version.is_some() && *version == before.version {
            Columns::All
        } else if before.ordered {
            if before.content.is_none() || contents.bytes != before.content {
                return None;
            }
            Columns::All
        } else if before.content.is_some() && contents.of(&before.columns) == before.content.as_ref() {
            before.columns.clone()
        } else if let Some(read) = before.read.as_ref().filter(|read| contents.has(read)) {
            Columns::Only(read.columns.clone())
        } else {
            return None;
        };
        match self {
            Self::Known { .. } => Some(same),
            Self::Unknown { certain } => certain.as_ref().map(|certain| certain.columns.common(&same)),
        }
    }
}

/// Returns C of what is read of an input, with the columns that it covers.
///
/// If `before` is given and covers all columns that are read, C covers the same columns, so that the two can be
/// compared. Otherwise it covers the fewest columns for which C exists.
pub fn content_read(
    contents: &Contents,
    name: &AssetName,
    reads: &Columns,
    before: Option<&InputRead>,
) -> Option<(Columns, Digest)> {
    let lists = contents.get(name)?.contents()?;
    if let Some(InputRead {
        read: Some(read),
        content: Some(content),
        columns,
        ..
    }) = before
        && lists.has(read)
        && Columns::Only(read.columns.clone()).include(reads)
    {
        // Everything that is read is as it was, so the input counts as the one that was read.
        return Some((columns.clone(), content.clone()));
    }
    let again = before.map(|before| &before.columns).filter(|columns| columns.include(reads));
    if let Some(columns) = again
        && let Some(content) = lists.of(columns)
    {
        return Some((columns.clone(), content.clone()));
    }
    lists.covering(reads).map(|(columns, content)| (columns, content.clone()))
}

/// Returns the hash of the file with an input's rows, for readers that depend on row order; `None` if the rows are
/// computed.
pub fn bytes_read(contents: &Contents, name: &AssetName) -> Option<Digest> {
    contents.get(name)?.contents()?.bytes.clone()
}

/// Returns C of everything that is read; `ordered` says whether the order of rows counts too.
fn input_contents(
    reads: &BTreeMap<AssetName, Columns>,
    contents: &Contents,
    before: Option<&Version>,
    ordered: bool,
) -> Option<Vec<InputContent>> {
    reads
        .iter()
        .map(|(name, columns)| {
            if let Some(content) = bytes_read(contents, name).filter(|_| ordered) {
                return Some(InputContent {
                    asset: name.to_string(),
                    content,
                });
            }
            let before = before.and_then(|version| version.input(name));
            Some(InputContent {
                asset: name.to_string(),
                content: content_read(contents, name, columns, before)?.1,
            })
        })
        .collect()
}

/// Returns V of an asset; `None` while one of its inputs is unknown.
///
/// The key of a computed view contains the versions directly below it instead of contents: it shows whatever those
/// contain. `before` is a version that the key will be compared with: columns are chosen as for it.
pub fn version_key(facts: &Facts, is_sql_view: bool, contents: &Contents, before: Option<&Version>) -> Option<Digest> {
    if !is_sql_view {
        let ordered = facts.program.is_some();
        return Some(key(facts, input_contents(&facts.reads, contents, before, ordered)?, Vec::new()));
    }
    let versions = facts
        .inputs
        .iter()
        .map(|name| match contents.get(name)? {
            InputState::Known { version, .. } => Some((name.to_string(), version.clone()?)),
            InputState::Unknown { .. } => None,
        })
        .collect::<Option<Vec<_>>>()?;
    Some(key(facts, Vec::new(), versions))
}

/// Returns the key of a query's result: its definition, its bound plan, and the content of everything that it reads.
///
/// For a computed view the key stands for its rows: a downstream asset computes this.
pub(super) fn content_key(facts: &Facts, contents: &Contents) -> Option<Digest> {
    Some(key(facts, input_contents(&facts.reads, contents, None, false)?, Vec::new()))
}

/// Returns V of a program's result: the key of its declared inputs, and the observed inputs.
pub fn observed_key(key: &Digest, observed: &[ObservedInput]) -> Digest {
    if observed.is_empty() { key.clone() } else { Digest::of_json("observed-key/1", &(key, observed)) }
}

/// Whether a build would give a version's key again: over the columns that it was compared by, and with the observed
/// inputs of its program unchanged.
pub fn gives_again(
    facts: &Facts,
    is_sql_view: bool,
    contents: &Contents,
    version: &Version,
    observed: &Observed,
) -> bool {
    version_key(facts, is_sql_view, contents, Some(version))
        .is_some_and(|key| observed_key(&key, version.observed()) == version.key)
        && observed.moved(version.observed()).next().is_none()
}

/// Returns the newest of a program's versions that can be published again: its inputs, including the observed ones,
/// are the same as now.
pub fn made_from_the_same(
    versions: Vec<Version>,
    facts: &Facts,
    contents: &Contents,
    observed: &Observed,
) -> Option<Version> {
    versions.into_iter().find(|version| {
        version.deterministic && version.by_hand.is_none() && {
            let key = version_key(facts, false, contents, None);
            key.is_some_and(|key| observed_key(&key, version.observed()) == version.key)
                && observed.moved(version.observed()).next().is_none()
        }
    })
}

/// How many recent versions of a program's result are considered for reuse.
pub const MOST_CANDIDATES: usize = 16;

fn key(facts: &Facts, inputs: Vec<InputContent>, versions: Vec<(String, VersionId)>) -> Digest {
    let unknown = Schema::default();
    let parts = KeyParts {
        definition: &facts.definition,
        plan: facts.plan.as_ref(),
        schema: if facts.is_made_by_program() { &unknown } else { &facts.schema },
        inputs,
        versions,
        files: KeyParts::files(&facts.files),
    };
    parts.key()
}

/// Returns what stands for the rows of a computed view: over all of its columns, and over each of `lists`.
///
/// Contains only what is certain.
pub fn view_contents(facts: &Facts, contents: &Contents, lists: &BTreeSet<BTreeSet<String>>) -> ContentLists {
    ContentLists {
        bytes: None,
        whole: content_key(facts, contents),
        lists: lists
            .iter()
            .filter_map(|columns| {
                Some(ListContent {
                    columns: columns.clone(),
                    content: view_columns(facts, contents, columns)?,
                })
            })
            .collect(),
    }
}

/// Returns the positions of columns in a query's result; `None` if a column is missing.
pub(super) fn positions(facts: &Facts, columns: &BTreeSet<String>) -> Option<Vec<usize>> {
    columns.iter().map(|name| facts.schema.0.iter().position(|column| column.name == *name)).collect()
}

/// Returns the columns of an input that count for some columns of a query's result.
pub(super) fn reads_for(facts: &Facts, input: &AssetName, positions: &[usize]) -> Columns {
    match (facts.reads.get(input), &facts.shape) {
        (Some(Columns::Only(_)), Some(shape)) => shape.reads(input.as_str(), positions),
        (reads, _) => reads.cloned().unwrap_or_default(),
    }
}

fn view_columns(facts: &Facts, contents: &Contents, columns: &BTreeSet<String>) -> Option<Digest> {
    let shape = facts.shape.as_ref()?;
    let positions = positions(facts, columns)?;
    let inputs = facts
        .inputs
        .iter()
        .map(|input| {
            let reads = reads_for(facts, input, &positions);
            Some(InputContent {
                asset: input.to_string(),
                content: content_read(contents, input, &reads, None)?.1,
            })
        })
        .collect::<Option<Vec<_>>>()?;
    let parts = ViewColumns {
        rows: &shape.rows.digest,
        outputs: positions
            .iter()
            .map(|position| (&facts.schema.0[*position], &shape.outputs[*position].digest))
            .collect(),
        inputs,
        files: KeyParts::files(&facts.files),
    };
    Some(parts.key())
}

/// Returns the key of a check's result; `None` while one of its inputs is unknown, or if its result must not be
/// reused.
pub fn check_key(check: &CheckFacts, contents: &Contents) -> Option<Digest> {
    if check.reads_clock {
        return None;
    }
    let key = CheckKey {
        definition: &check.definition,
        inputs: input_contents(&check.reads, contents, None, false)?,
    };
    Some(key.key())
}
