//! The rules of what is rebuilt, used by the plan before anything runs and by the apply as inputs are finished.

use std::collections::BTreeMap;

use crate::fingerprint::{CheckKey, InputContent, KeyParts};
use crate::project::AssetName;
use crate::state::{CheckFacts, Digest, Facts, Version, VersionId};

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

/// What is known of all inputs.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    states: BTreeMap<AssetName, InputState>,
    /// The bound plans of views that are computed: what reads such a view computes this too.
    views: BTreeMap<AssetName, Digest>,
}

impl Contents {
    /// What is known of an asset.
    pub fn get(&self, name: &AssetName) -> Option<&InputState> {
        self.states.get(name)
    }

    /// Notes what is known of an asset; `view` is the bound plan of one that is computed.
    pub fn insert(&mut self, name: AssetName, state: InputState, view: Option<Digest>) {
        match view {
            Some(plan) => self.views.insert(name.clone(), plan),
            None => self.views.remove(&name),
        };
        self.states.insert(name, state);
    }

    /// What is known of an asset whose version is there.
    pub fn insert_version(&mut self, version: &Version) {
        let is_computed = version.data.is_none() && version.content.is_none();
        let state = InputState::Known {
            version: Some(version.id.clone()),
            content: version.content.clone(),
        };
        self.insert(version.asset.clone(), state, version.plan.clone().filter(|_| is_computed));
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
    // A part of a project that is applied alone reads views as they are published, not as they are declared.
    let views = facts
        .inputs
        .iter()
        .filter_map(|name| Some((name.to_string(), contents.views.get(name)?)))
        .collect();
    let key = KeyParts {
        definition: &facts.definition,
        plan: facts.plan.as_ref(),
        schema: &facts.schema,
        inputs,
        versions,
        views,
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
