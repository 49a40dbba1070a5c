//! The keys: what stands for everything that a result was computed from.

use std::collections::{BTreeMap, BTreeSet};

use super::{Input, Inputs, bytes_read, content_read};
use crate::definition::{CheckKey, InputContent, KeyParts, ViewColumns};
use crate::facts::{CheckFacts, Facts};
use crate::model::{AssetName, Columns, ContentLists, Digest, ListContent, ObservedInput, Schema, Version, VersionId};

/// Returns C of everything that is read; `ordered` says whether the order of rows counts too.
fn input_contents(
    reads: &BTreeMap<AssetName, Columns>,
    inputs: &Inputs,
    before: Option<&Version>,
    ordered: bool,
) -> Option<Vec<InputContent>> {
    reads
        .iter()
        .map(|(name, columns)| {
            if let Some(content) = bytes_read(inputs, name).filter(|_| ordered) {
                return Some(InputContent {
                    asset: name.to_string(),
                    content,
                });
            }
            let read = before.and_then(|version| version.input(name));
            let (covered, content) = content_read(inputs, name, columns, read)?;
            // A build gives the columns that were compared before; what is certain without it may lack them.
            let is_comparable =
                before.is_none() || !inputs.get(name)?.is_pending() || read.is_some_and(|read| read.columns == covered);
            is_comparable.then(|| InputContent {
                asset: name.to_string(),
                content,
            })
        })
        .collect()
}

/// Returns V of an asset; `None` while one of its inputs is unknown.
///
/// The key of a computed view contains the versions directly below it instead of contents: it shows whatever those
/// contain. `before` is a version that the key will be compared with: columns are chosen as for it.
pub fn version_key(facts: &Facts, is_sql_view: bool, inputs: &Inputs, before: Option<&Version>) -> Option<Digest> {
    if !is_sql_view {
        let ordered = facts.program.is_some();
        return Some(key(facts, input_contents(&facts.reads, inputs, before, ordered)?, Vec::new()));
    }
    let versions = facts
        .inputs
        .iter()
        .map(|name| match inputs.get(name)? {
            Input::Known { version, .. } => Some((name.to_string(), version.clone()?)),
            Input::Pending { .. } => None,
        })
        .collect::<Option<Vec<_>>>()?;
    Some(key(facts, Vec::new(), versions))
}

/// Returns the key of a query's result: its definition, its bound plan, and the content of everything that it reads.
///
/// For a computed view the key stands for its rows: a downstream asset computes this.
pub(in crate::plan) fn content_key(facts: &Facts, inputs: &Inputs) -> Option<Digest> {
    Some(key(facts, input_contents(&facts.reads, inputs, None, false)?, Vec::new()))
}

/// Returns V of a program's result: the key of its declared inputs, and the observed inputs.
pub fn observed_key(key: &Digest, observed: &[ObservedInput]) -> Digest {
    if observed.is_empty() { key.clone() } else { Digest::of_json("observed-key/1", &(key, observed)) }
}

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
pub fn view_contents(facts: &Facts, inputs: &Inputs, lists: &BTreeSet<BTreeSet<String>>) -> ContentLists {
    ContentLists {
        bytes: None,
        whole: content_key(facts, inputs),
        lists: lists
            .iter()
            .filter_map(|columns| {
                Some(ListContent {
                    columns: columns.clone(),
                    content: view_columns(facts, inputs, columns)?,
                })
            })
            .collect(),
    }
}

/// Returns the positions of columns in a query's result; `None` if a column is missing.
pub(in crate::plan) fn positions(facts: &Facts, columns: &BTreeSet<String>) -> Option<Vec<usize>> {
    columns.iter().map(|name| facts.schema.0.iter().position(|column| column.name == *name)).collect()
}

/// Returns the columns of an input that count for some columns of a query's result.
pub(in crate::plan) fn reads_for(facts: &Facts, input: &AssetName, positions: &[usize]) -> Columns {
    match (facts.reads.get(input), &facts.shape) {
        (Some(Columns::Only(_)), Some(shape)) => shape.reads(input.as_str(), positions),
        (reads, _) => reads.cloned().unwrap_or_default(),
    }
}

fn view_columns(facts: &Facts, inputs: &Inputs, columns: &BTreeSet<String>) -> Option<Digest> {
    let shape = facts.shape.as_ref()?;
    let positions = positions(facts, columns)?;
    let contents = facts
        .inputs
        .iter()
        .map(|input| {
            let reads = reads_for(facts, input, &positions);
            Some(InputContent {
                asset: input.to_string(),
                content: content_read(inputs, input, &reads, None)?.1,
            })
        })
        .collect::<Option<Vec<_>>>()?;
    let parts = ViewColumns {
        rows: &shape.rows.digest,
        outputs: positions
            .iter()
            .map(|position| (&facts.schema.0[*position], &shape.outputs[*position].digest))
            .collect(),
        inputs: contents,
        files: KeyParts::files(&facts.files),
    };
    Some(parts.key())
}

/// Returns the key of a check's result; `None` while one of its inputs is unknown, or if its result must not be
/// reused.
pub fn check_key(check: &CheckFacts, inputs: &Inputs) -> Option<Digest> {
    if check.reads_clock {
        return None;
    }
    let key = CheckKey {
        definition: &check.definition,
        inputs: input_contents(&check.reads, inputs, None, false)?,
    };
    Some(key.key())
}
