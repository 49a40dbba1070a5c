//! The rules of what is rebuilt, used by the plan before anything runs and by the apply as inputs are finished.

use std::collections::BTreeMap;

use crate::fingerprint::{CheckKey, InputContent, KeyParts};
use crate::project::AssetName;
use crate::state::{CheckFacts, Digest, Facts, VersionId};

/// What is known of an input's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputState {
    /// It will have this version with this content. A view that is computed has no content of its own.
    Known {
        /// The version; `None` while it is not built, though its content is certain.
        version: Option<VersionId>,
        /// C of its rows.
        content: Option<Digest>,
    },
    /// It will be built, and may come out the same or not.
    Unknown,
}

/// What is known of all inputs, by asset.
pub type Contents = BTreeMap<AssetName, InputState>;

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
    let (inputs, versions) = if is_sql_view {
        let versions = facts
            .inputs
            .iter()
            .map(|name| match contents.get(name)? {
                InputState::Known { version, .. } => Some((name.to_string(), version.clone()?)),
                InputState::Unknown => None,
            })
            .collect::<Option<Vec<_>>>()?;
        (Vec::new(), versions)
    } else {
        (input_contents(facts.reads.iter(), contents)?, Vec::new())
    };
    let key = KeyParts {
        definition: &facts.definition,
        plan: facts.plan.as_ref(),
        schema: &facts.schema,
        inputs,
        versions,
        files: KeyParts::files(&facts.files),
    };
    Some(key.key())
}

/// The key of a check's result, or `None` while something that it reads is not known, or if its
/// result is not to be remembered.
pub fn check_key(check: &CheckFacts, contents: &Contents) -> Option<Digest> {
    if check.reads_clock {
        return None;
    }
    let key = CheckKey {
        definition: &check.definition,
        inputs: input_contents(check.reads.iter(), contents)?,
    };
    Some(key.key())
}
