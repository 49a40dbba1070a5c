//! Publishes what an environment has in another one, without a build.

use std::collections::{BTreeMap, BTreeSet};

use super::approve::{Approval, Approver, Proposal, approved};
use super::environments::{environment_names, expect_known};
use super::error::{OpError, RequestError};
use super::known::Known;
use super::lock::write;
use super::observing::observed;
use super::republish::{Moves, carry_out, exports_are_free};
use super::workspace::Workspace;
use crate::graph::Selection;
use crate::ledger::sqlite::{Reader, Wait, Writer};
use crate::model::{AssetName, CheckOutcome, RunId, Version};
use crate::plan::{self, Promoted};
use crate::report::{self, AssetVersion, FORMAT_VERSION};
use crate::run::{Inspection, Outcome};
use crate::seam::Snapshot;

/// What to promote to the environment of the workspace.
#[derive(Debug)]
pub struct Promote<'a> {
    /// The environment whose versions are published.
    pub from: &'a str,
    /// The selected assets; all if empty.
    pub selectors: &'a [String],
}

/// What a promotion publishes, and what is published in its place now.
pub struct Promotion {
    known: Known,
    /// What is published in the target.
    pub snapshot: Snapshot,
    /// The versions.
    pub promoted: Promoted,
}

impl Proposal for Promotion {
    fn is_nothing(&self) -> bool {
        self.promoted.set.is_empty()
    }

    fn covers(&self, now: &Self) -> bool {
        self.promoted == now.promoted
    }
}

/// The result of a promotion.
pub struct PromotionDone {
    /// What was published.
    pub report: report::Promotion,
    /// The run; `None` if there was nothing to promote.
    pub outcome: Option<Outcome>,
}

/// Promotes. Returns `None` if the user declined.
pub fn promote(
    workspace: &Workspace,
    what: &Promote<'_>,
    wait: Wait,
    approver: &mut dyn Approver<Promotion>,
) -> Result<Option<PromotionDone>, OpError> {
    let to = &workspace.target.environment;
    if what.from == to {
        return Err(RequestError::BadArgument {
            command: "env promote",
            why: format!(
                "`{to}` can't be promoted to itself; name another environment, or another target with `--env`"
            ),
        }
        .into());
    }
    // The project may be edited between the two proposals, so each of them reads it.
    let request = workspace.request(&[], &[], false);
    let (project, _) = workspace.declared_in(&request)?;
    expect_known(what.from, &environment_names(&project, workspace.reader()?.as_ref())?)?;
    let propose = |reader: &Reader| {
        let mut known = workspace.known(&request)?;
        let snapshot = reader.snapshot(to)?;
        let promoted = what.work_out(&mut known, reader, &snapshot)?;
        Ok(Promotion {
            known,
            snapshot,
            promoted,
        })
    };
    let acquire = || write(workspace, &project, wait);
    let approval = approved(workspace, approver, &acquire, &|writer: Option<&Writer>| match writer {
        Some(writer) => propose(writer),
        None => propose(&workspace.reader()?.ok_or_else(|| what.nothing_published())?),
    })?;
    let (promotion, mut writer) = match approval {
        Approval::Declined => return Ok(None),
        Approval::Nothing(promotion) => {
            let report = what.report(&promotion, None);
            return Ok(Some(PromotionDone { report, outcome: None }));
        }
        Approval::Granted(promotion, writer) => (promotion, writer),
    };
    let known = &promotion.known;
    let (project, analysis) = (&known.project, Some(&*known.analysis));
    let moves = what.moves(known, &promotion.promoted);
    let outcome = carry_out(workspace, "env promote", project, analysis, &promotion.snapshot, moves, &mut writer)?;
    Ok(Some(PromotionDone {
        report: what.report(&promotion, Some(outcome.run)),
        outcome: Some(outcome),
    }))
}

impl Promote<'_> {
    fn nothing_published(&self) -> RequestError {
        RequestError::NothingPublished {
            environment: self.from.to_owned(),
        }
    }

    /// Finds the versions that can be promoted to the environment with the snapshot `to`.
    fn work_out(&self, known: &mut Known, reader: &Reader, to: &Snapshot) -> Result<Promoted, OpError> {
        let from = reader.snapshot(self.from)?;
        if from.release.is_none() {
            return Err(self.nothing_published().into());
        }
        let environment = known.project.settings.environment.clone();
        let since = RunId(reader.last_apply(self.from)?.map_or(0, |run| run.0) + 1);
        let moved: BTreeSet<AssetName> = reader
            .publications_since(&environment, since)?
            .into_iter()
            .flat_map(|publication| publication.changes)
            .map(|change| change.asset)
            .collect();
        let mut timed = BTreeMap::new();
        for (name, facts) in &known.analysis.facts {
            if !facts.checks.iter().any(|check| check.reads_clock) {
                continue;
            }
            let here = from.published.get(name).map(|published| &published.version.id);
            for row in reader.latest_checks(self.from, name)? {
                if Some(&row.version) == here {
                    let passed = row.record.outcome == CheckOutcome::Passed;
                    timed.insert((name.clone(), row.record.check), passed);
                }
            }
        }
        let mut inspection = Inspection::new(&known.project.root, reader);
        let mut lost = BTreeMap::new();
        for (name, published) in &from.published {
            let is_there = to.published.get(name).is_some_and(|there| there.version.id == published.version.id);
            if !is_there && let Some(why) = inspection.lost(&published.version)? {
                lost.insert(name.clone(), why.to_string());
            }
        }
        let foreign = observed(&known.project, &mut known.hasher, to)?.foreign;
        let project = &known.project;
        let selection = Selection::parse(
            self.selectors,
            &known.analysis.graph,
            &project.assets,
            from.published.keys().chain(to.published.keys()),
        )?;
        let promotion = plan::Promotion {
            project,
            analysis: &known.analysis,
            name: self.from,
            from: &from,
            to,
            selection,
            moved,
            timed,
            lost,
            foreign,
        };
        let promoted = promotion.work_out(reader)?;
        exports_are_free(project, to, promoted.set.iter().chain(&promoted.following))?;
        Ok(promoted)
    }

    fn moves(&self, known: &Known, promoted: &Promoted) -> Moves {
        let reason = |follows: bool| serde_json::json!({ "code": "promoted", "from": self.from, "follows": follows });
        let set = promoted.set.iter().map(|version| (version.clone(), reason(false)));
        let following = promoted.following.iter().map(|version| (version.clone(), reason(true)));
        let versions = promoted.set.iter().chain(&promoted.following);
        Moves {
            set: set.chain(following).collect(),
            withdrawn: Vec::new(),
            undone: None,
            settings: versions
                .filter_map(|version| known.project.assets.get(&version.asset))
                .map(|asset| (asset.name.clone(), asset.behaviour()))
                .collect(),
        }
    }

    fn report(&self, promotion: &Promotion, run: Option<RunId>) -> report::Promotion {
        let list = |versions: &[Version]| versions.iter().map(AssetVersion::of).collect();
        let promoted = &promotion.promoted;
        report::Promotion {
            format_version: FORMAT_VERSION,
            from: self.from.to_owned(),
            environment: promotion.known.project.settings.environment.clone(),
            run,
            published: list(&promoted.set),
            following: list(&promoted.following),
            due: promoted.due.clone(),
        }
    }
}
