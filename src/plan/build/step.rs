//! The step of one asset.

use super::Planner;
use crate::facts::Facts;
use crate::model::{AssetName, HeldBack, Version, VersionId};
use crate::plan::certain::{certain, certain_view};
use crate::plan::decide::{
    Candidates, Evidence, Input, Inputs, Request, Verdict, decide, known, lookup, view_contents,
};
use crate::plan::{Action, PlanError, StandsOn, Step};
use crate::project::Asset;
use crate::seam::Published;

/// What a plan decides about an asset.
pub(super) struct Planned {
    pub(super) step: Step,
    /// What the asset's readers know of it.
    pub(super) leaves: Input,
    /// Whether a rollback holds the asset itself.
    pub(super) is_held: bool,
}

impl Planner<'_> {
    /// Returns the step of an asset to which nothing is done.
    pub(super) fn unchanged(&self, asset: &Asset, facts: &Facts, published: Option<&Published>) -> Step {
        Step {
            asset: asset.name.clone(),
            kind: asset.kind_word().to_owned(),
            action: Action::Unchanged,
            reasons: Vec::new(),
            inputs: facts.inputs.iter().cloned().collect(),
            change: None,
            columns: Vec::new(),
            checks: Vec::new(),
            reuse: None,
            cut_off: Vec::new(),
            proven: Vec::new(),
            stands_on: self.stands_on(facts, published),
            held: None,
        }
    }

    /// Decides the step of an asset. `held_back` is the rollback that holds its definition.
    ///
    /// # Errors
    /// If the state can't be read.
    pub(super) fn step(
        &self,
        asset: &Asset,
        facts: &Facts,
        published: Option<&Published>,
        held_back: Option<&HeldBack>,
        inputs: &Inputs,
    ) -> Result<Planned, PlanError> {
        let evidence = Evidence {
            asset,
            facts,
            published,
            inputs,
            observed: self.observed,
            held_back,
            request: Request {
                forced: self.options.replace.contains(&asset.name),
                resume: self.options.resume,
                planned: None,
            },
        };
        let mut found = Candidates::default();
        let mut decision = decide(&evidence, &found);
        if decision.verdict == Verdict::Build {
            let version = |id: &VersionId| -> Result<Option<Version>, PlanError> {
                Ok(published.map(|published| &published.version).filter(|version| version.id == *id).cloned())
            };
            found = lookup(&evidence).fetch(&asset.name, self.catalogue, version)?;
            decision = decide(&evidence, &found);
        }
        let mut step = self.unchanged(asset, facts, published);
        for difference in &decision.differences {
            self.add_reason(&evidence, difference, &mut step)?;
        }
        step.cut_off = decision.cut_off;
        (step.action, step.reuse) = match decision.verdict {
            Verdict::Keep => (Action::Unchanged, None),
            Verdict::Undecided => (Action::Maybe, None),
            Verdict::Build if published.is_none() => (Action::Create, None),
            Verdict::Build => (Action::Rebuild, None),
            Verdict::Reuse(id) => (Action::Reuse, Some(id)),
        };
        let leaves = match (&step.reuse, step.action, published) {
            (Some(id), ..) => found.get(id).map_or(Input::UNKNOWN, |(version, _)| known(version)),
            (None, Action::Unchanged, Some(published)) => known(&published.version),
            _ => self.built(&evidence, &mut step)?,
        };
        Ok(Planned {
            step,
            leaves,
            is_held: decision.held.is_some(),
        })
    }

    /// Returns what is known of an asset that will be built. Its rows are unknown unless they are only computed, read
    /// in place, or proven to stay the same.
    fn built(&self, evidence: &Evidence<'_>, step: &mut Step) -> Result<Input, PlanError> {
        let (asset, facts) = (evidence.asset, evidence.facts);
        if asset.is_view() {
            let contents = view_contents(facts, evidence.inputs, &self.demand().of(&asset.name));
            return Ok(match contents.whole {
                Some(_) => Input::Known {
                    version: None,
                    contents,
                },
                None => certain_view(contents, self.other_columns_than(evidence)),
            });
        }
        let Some(published) = evidence.published else {
            return Ok(Input::UNKNOWN);
        };
        let known = (self.analysis, self.catalogue);
        let certain = certain(asset, facts, published, evidence.inputs, &step.reasons, known)?;
        step.proven = certain.iter().flat_map(|certain| certain.contents.lists.iter().cloned()).collect();
        Ok(Input::Pending {
            certain,
            other_columns_than: self.other_columns_than(evidence),
        })
    }

    /// Returns what is published under the asset's name, if a build certainly gives other columns.
    fn other_columns_than(&self, evidence: &Evidence<'_>) -> Option<VersionId> {
        let published = &self.snapshot.published.get(&evidence.asset.name)?.version;
        (!self.schema_changes(&evidence.asset.name, Some(&published.id)).is_empty()).then(|| published.id.clone())
    }

    fn stands_on(&self, facts: &Facts, published: Option<&Published>) -> StandsOn {
        let outside = |name: &&AssetName| !self.options.selection.contains(name);
        let content = |name: &AssetName| {
            let version = &self.snapshot.published.get(name)?.version;
            Some((name.clone(), version.content.clone().unwrap_or_else(|| version.key.clone())))
        };
        StandsOn {
            pointer: published.map(|published| published.version.id.clone()),
            definition: Some(facts.definition.clone()),
            files: facts
                .files
                .iter()
                .chain(facts.program.iter().flat_map(|program| &program.code))
                .map(|file| (file.path.clone(), file.hash.clone()))
                .collect(),
            observed: published
                .into_iter()
                .flat_map(|published| published.version.observed())
                .filter_map(|input| Some((input.name(), self.observed.path(input)?.clone())))
                .collect(),
            checks: facts.checks.iter().map(|check| check.definition.clone()).collect(),
            inputs: facts.inputs.iter().filter(outside).filter_map(content).collect(),
        }
    }
}
