//! The rules of what is rebuilt, used by the plan before anything runs and by the apply as inputs are finished.

use std::collections::BTreeMap;

use crate::fingerprint::{CheckKey, InputContent, KeyParts};
use crate::project::AssetName;
use crate::state::{CheckFacts, Digest, Facts, Version, VersionId};

/// What is known of an input's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputState {
    /// It will have this version with this content.
    Known {
        /// The version; `None` while it is not built, though its content is certain.
        version: Option<VersionId>,
        /// C of its rows; of a computed view, the key of what it computes.
        content: Option<Digest>,
    },
    /// It will be built, and may come out the same or not.
    Unknown,
}

/// What is known of all inputs, by asset.
pub type Contents = BTreeMap<AssetName, InputState>;

/// What is known of an asset whose version is there.
pub fn known(version: &Version) -> InputState {
    InputState::Known {
        version: Some(version.id.clone()),
        content: version.content.clone(),
    }
}

fn content<'a>(contents: &'a Contents, name: &AssetName) -> Option<&'a Digest> {
    match contents.get(name)? {
        InputState::Known { content, .. } => content.as_ref(),
        InputState::Unknown => None,
    }
}

fn input_contents<'a>(reads: impl Iterator<Item = &'a AssetName>, contents: &Contents) -> Option<Vec<InputContent>> {
    reads
        .map(|name| {
            Some(InputContent {
                asset: name.to_string(),
                content: content(contents, name)?.clone(),
            })
        })
        .collect()
}

/// V of an asset, or `None` while something that it reads is not known.
///
/// A computed view's key has the versions directly below it instead of contents: it shows whatever
/// those hold.
pub fn version_key(facts: &Facts, is_sql_view: bool, contents: &Contents) -> Option<Digest> {
    if !is_sql_view {
        return content_key(facts, contents);
    }
    let versions = facts
        .inputs
        .iter()
        .map(|name| match contents.get(name)? {
            InputState::Known { version, .. } => Some((name.to_string(), version.clone()?)),
            InputState::Unknown => None,
        })
        .collect::<Option<Vec<_>>>()?;
    Some(key(facts, Vec::new(), versions))
}

/// The key of what a query gives: its definition, its bound plan, and the content of all it reads.
///
/// For a computed view this is what stands for its rows: whoever reads it computes this.
pub fn content_key(facts: &Facts, contents: &Contents) -> Option<Digest> {
    Some(key(facts, input_contents(facts.inputs.iter(), contents)?, Vec::new()))
}

fn key(facts: &Facts, inputs: Vec<InputContent>, versions: Vec<(String, VersionId)>) -> Digest {
    let parts = KeyParts {
        definition: &facts.definition,
        plan: facts.plan.as_ref(),
        schema: &facts.schema,
        inputs,
        versions,
        files: KeyParts::files(&facts.files),
    };
    parts.key()
}

/// The key of a check's result, or `None` while something that it reads is not known, or if its
/// result is not to be remembered.
pub fn check_key(check: &CheckFacts, contents: &Contents) -> Option<Digest> {
    if check.reads_clock {
        return None;
    }
    let key = CheckKey {
        definition: &check.definition,
        inputs: input_contents(check.inputs.iter(), contents)?,
    };
    Some(key.key())
}
