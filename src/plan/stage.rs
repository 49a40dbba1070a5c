//! What an apply does, in order. The run publishes in the order of [`Publishing::ORDER`], and `dp plan --explain` shows
//! it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Action, Plan, Step};
use crate::base::text;
use crate::facts::{Analysis, Facts};
use crate::model::AssetName;
use crate::project::{Asset, AssetKind, Project};
use crate::seam::Snapshot;

/// What publishing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publishing {
    /// Writes new versions to the disk, before the state names them.
    Sync,
    /// Moves the pointers, in one transaction.
    Commit,
    /// Leads the published links to the new release.
    Show,
    /// Removes the links from the folder that was declared for them before.
    Unlink,
    /// Removes old releases.
    Clean,
    /// Puts exports in place and removes old ones.
    Place,
}

impl Publishing {
    /// The order in which a run publishes. A crash between any two of them is harmless.
    pub const ORDER: [Self; 6] = [Self::Sync, Self::Commit, Self::Show, Self::Unlink, Self::Clean, Self::Place];

    /// The number of old releases that are kept for readers which have already resolved the link.
    pub const OLD_RELEASES: usize = 10;
}

/// One action of an apply, in order of execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// The number, from 1.
    pub step: usize,
    /// The word for the action.
    pub does: &'static str,
    /// The asset, if the action belongs to one.
    pub asset: Option<AssetName>,
    /// The details.
    pub what: String,
    /// The condition under which the action runs; `None` if it always runs.
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// The actions of an apply, in order.
struct List<'a> {
    plan: &'a Plan,
    project: &'a Project,
    analysis: &'a Analysis,
    snapshot: &'a Snapshot,
    found: Vec<Stage>,
}

impl Plan {
    /// Returns the actions that an apply takes for each step of the plan; empty if there is nothing to do.
    ///
    /// Builds that do not wait for each other run in parallel; the numbers are one possible order.
    pub fn stages(&self, project: &Project, analysis: &Analysis, snapshot: &Snapshot) -> Vec<Stage> {
        let mut list = List {
            plan: self,
            project,
            analysis,
            snapshot,
            found: Vec::new(),
        };
        let actions = self.actions().count();
        if actions > 0 {
            list.add("backup", None, "the state, before the run changes it".to_owned(), None);
            let what =
                format!("the run and its intended steps for {}, before any change", text::count(actions, "asset"));
            list.add("record", None, what, None);
            self.actions().for_each(|step| list.make(step));
            list.publish();
            list.add("record", None, "the result of the run".to_owned(), None);
        } else if self.repair_links {
            let warehouse = &project.settings.connection.path;
            list.add("mend", None, format!("the links below {warehouse}/{} and the catalogue", self.environment), None);
        }
        list.found
    }
}

impl List<'_> {
    fn add(&mut self, does: &'static str, asset: Option<&AssetName>, what: String, condition: Option<&str>) {
        self.found.push(Stage {
            step: self.found.len() + 1,
            does,
            asset: asset.cloned(),
            what,
            condition: condition.map(str::to_owned),
        });
    }

    /// Adds the build of a candidate and its checks; readers do not see it yet.
    fn make(&mut self, step: &Step) {
        let name = &step.asset;
        let (Some(asset), Some(facts)) = (self.project.assets.get(name), self.analysis.facts.get(name)) else {
            // The asset is withdrawn when the others are published.
            return;
        };
        let condition = (step.action == Action::Maybe).then_some("the rebuilt inputs differ in what it reads");
        match step.action {
            Action::Create | Action::Rebuild | Action::Maybe => {
                let (does, what) = making(asset, facts);
                self.add(does, Some(name), what, condition);
            }
            Action::Reuse => {
                let version = step.reuse.as_ref().map(ToString::to_string).unwrap_or_default();
                let (does, what) = match step.moved_from() {
                    Some(from) => ("rename", format!("version {version} of {from}; its files stay in place")),
                    None => ("reuse", format!("version {version} from the store")),
                };
                self.add(does, Some(name), what, Some("it is intact; otherwise the run builds a new version"));
            }
            Action::Settings => {
                let names = text::named(step.settings().iter().map(|change| &change.setting), usize::MAX);
                self.add("record", Some(name), format!("{names}, as declared now"), None);
                return;
            }
            Action::Check | Action::Destroy | Action::Unchanged => {}
        }
        let (checks, condition) = if step.action == Action::Check {
            (step.checks.clone(), None)
        } else {
            // Each check has a result per content, and the content is known only after the build.
            let checks = facts.checks.iter().map(|check| check.name.clone()).collect();
            (checks, Some("this content has no result yet"))
        };
        if !checks.is_empty() {
            self.add("check", Some(name), checks.join(", "), condition);
        }
    }

    /// Adds what publishing does.
    fn publish(&mut self) {
        let of = |wanted: &[Action]| -> Vec<&Step> {
            self.plan.actions().filter(|step| wanted.contains(&step.action)).collect()
        };
        let set = of(&[Action::Create, Action::Rebuild, Action::Maybe, Action::Reuse]);
        let gone = of(&[Action::Destroy]);
        let former = set.iter().filter_map(|step| step.moved_from());
        let former: Vec<AssetName> = former.filter(|name| !self.project.assets.contains_key(*name)).cloned().collect();
        let certain = set.iter().any(|step| step.action != Action::Maybe) || !gone.is_empty();
        if set.is_empty() && gone.is_empty() {
            return;
        }
        let maybe = (!certain).then_some("something was built");
        let withdrawn: Vec<AssetName> = gone.iter().map(|step| step.asset.clone()).chain(former).collect();
        let environment = &self.plan.environment;
        let warehouse = &self.project.settings.connection.path;
        for stage in Publishing::ORDER {
            match stage {
                Publishing::Sync => self.sync(&set),
                Publishing::Commit => {
                    if !set.is_empty() {
                        let names = text::named(set.iter().map(|step| &step.asset), usize::MAX);
                        let what = format!("{names}: in one transaction, if all steps and `error` checks passed");
                        self.add("publish", None, what, maybe);
                    }
                    if !withdrawn.is_empty() {
                        let names = text::named(&withdrawn, usize::MAX);
                        let what = format!("{names}: in the same transaction; versions stay in the store");
                        self.add("withdraw", None, what, maybe);
                    }
                }
                Publishing::Show => {
                    self.add(
                        "show",
                        None,
                        format!("the new release at {warehouse}/{environment}, with one rename"),
                        maybe,
                    );
                }
                Publishing::Unlink => {
                    if let Some(old) = self.snapshot.shown_elsewhere(environment, warehouse) {
                        self.add("unlink", None, format!("the previous links at {old}/{environment}"), maybe);
                    }
                }
                Publishing::Clean => {
                    let kept = Publishing::OLD_RELEASES;
                    let what = format!("old releases of {environment}, except the newest {kept}");
                    self.add("clean", None, what, Some("there are more of them"));
                }
                Publishing::Place if environment.is_prod() => self.place(&set, &withdrawn),
                // In other environments exports are links within the release.
                Publishing::Place => {}
            }
        }
    }

    /// Adds the sync of what is built, if it is stored.
    fn sync(&mut self, set: &[&Step]) {
        let is_stored = |step: &&&Step| self.project.assets.get(&step.asset).is_some_and(|asset| !asset.is_view());
        let mut stored = set.iter().filter(is_stored).map(|step| step.action).peekable();
        if stored.peek().is_some() {
            let is_certain = stored.any(|action| matches!(action, Action::Create | Action::Rebuild));
            let condition = (!is_certain).then_some("something was built or renamed");
            self.add("sync", None, "new versions to the disk, before the state names them".to_owned(), condition);
        }
    }

    /// Adds the files outside the warehouse, one by one.
    fn place(&mut self, set: &[&Step], withdrawn: &[AssetName]) {
        let declared = |name: &AssetName| -> Vec<String> {
            let asset = self.project.assets.get(name);
            asset.into_iter().flat_map(Asset::placed).map(|(path, _)| path.to_string()).collect()
        };
        let before: BTreeMap<&AssetName, Vec<String>> = self
            .snapshot
            .published
            .iter()
            .map(|(name, published)| (name, published.version.placed().map(|(path, _)| path.to_string()).collect()))
            .collect();
        let is_set = |name: &AssetName| set.iter().any(|step| step.asset == *name);
        let kept = before.iter().filter(|(name, _)| !is_set(name) && !withdrawn.contains(name));
        let mut wanted: BTreeSet<String> = kept.flat_map(|(_, paths)| paths.clone()).collect();
        wanted.extend(set.iter().flat_map(|step| declared(&step.asset)));
        let mut found = Vec::new();
        for step in set {
            let maybe = (step.action == Action::Maybe).then_some("it was built");
            found.extend(declared(&step.asset).into_iter().map(|path| ("export", &step.asset, path, maybe)));
            let old = before.get(&step.asset).into_iter().flatten().filter(|path| !wanted.contains(*path));
            found.extend(old.map(|path| ("remove", &step.asset, path.clone(), maybe)));
        }
        for name in withdrawn {
            let old = before.get(name).into_iter().flatten().filter(|path| !wanted.contains(*path));
            found.extend(old.map(|path| ("remove", name, path.clone(), None)));
        }
        for (does, name, path, condition) in found {
            let condition = if does == "remove" { Some("dp wrote it and nobody changed it") } else { condition };
            self.add(does, Some(name), path, condition);
        }
    }
}

/// Returns how a version of an asset is made.
fn making(asset: &Asset, facts: &Facts) -> (&'static str, String) {
    let files = text::count(facts.files.len(), "file");
    match &asset.kind {
        AssetKind::Source(source) if asset.is_view() => {
            ("build", format!("a view of {files} at {}, read in place", source.path))
        }
        AssetKind::Source(source) => ("build", format!("a snapshot of {files} at {}", source.path)),
        AssetKind::Sql(_) if asset.is_view() => ("build", "a view over these versions of its inputs".to_owned()),
        AssetKind::Sql(_) => ("build", "a new version from its query".to_owned()),
        AssetKind::Command(command) => ("run", format!("{}, and store its output", command.run.join(" "))),
        AssetKind::Output(table) => ("build", format!("a new version from the output of {}", table.command)),
    }
}
