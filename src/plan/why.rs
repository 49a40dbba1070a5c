//! The chain of evidence behind a decision, from an asset back to the root causes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Plan, PlanError, Reason, SqlChange, Step};
use crate::facts::{Analysis, Facts};
use crate::model::{AssetName, ContentLists, Digest, InputRead, Observed, ObservedInput, RunId, Version, VersionId};
use crate::seam::{History, Published, Snapshot};
use crate::sql::lineage::ReadColumns;

/// Why an asset would or would not be built, or why a run did what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The asset.
    pub asset: AssetName,
    /// The run in question; `None` for the current plan.
    pub run: Option<RunId>,
    /// The word of the action, or of the outcome in the run; `untouched` if the asset was not part of the run.
    pub outcome: String,
    /// The version that is published, or that the asset had after the run.
    pub version: Option<VersionId>,
    /// The run that built that version.
    pub built_by: Option<RunId>,
    /// The causes, each with the causes behind it.
    pub causes: Vec<Cause>,
    /// Everything that was compared, whether it differs or not.
    pub compared: Vec<Compared>,
}

/// One reason, and its own causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The asset that the reason belongs to.
    pub asset: AssetName,
    /// The run that recorded the reason; `None` for the current plan.
    pub run: Option<RunId>,
    /// The word of the action, or of the outcome in the run.
    pub outcome: String,
    /// The evidence.
    pub reason: Reason,
    /// How the query was edited.
    pub change: Option<SqlChange>,
    /// The effect of the edit on the columns, as text.
    pub columns: Vec<String>,
    /// For a reason about an input: the columns that are read, if they are known.
    pub reads: Option<BTreeSet<String>>,
    /// Whether the causes behind it were already listed.
    pub is_above: bool,
    /// The causes behind it.
    pub from: Vec<Self>,
}

/// One compared item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The item, such as "definition", "query as bound", the name of an input, the path of a file, or a check.
    pub what: String,
    /// Whether it is unchanged; `None` while that is unknown.
    pub same: Option<bool>,
    /// The details.
    pub detail: String,
}

/// The sources of the answers.
pub struct Evidence<'a> {
    /// The plan of the whole project.
    pub plan: &'a Plan,
    /// The analysis of the project.
    pub analysis: &'a Analysis,
    /// What is published.
    pub snapshot: &'a Snapshot,
    /// The observed files and links.
    pub observed: &'a Observed,
    /// The history; `None` before the first apply.
    pub history: Option<&'a dyn History>,
}

impl Evidence<'_> {
    /// Returns why the plan does what it does with an asset; `None` if the asset is not in the plan.
    pub fn now(&self, asset: &AssetName) -> Result<Option<Why>, PlanError> {
        let Some(step) = self.plan.step(asset) else {
            return Ok(None);
        };
        let published = self.snapshot.published.get(asset);
        let mut seen = BTreeSet::from([(asset.clone(), None)]);
        let causes = self.of_step(step, &mut seen)?;
        let compared = match (self.analysis.facts.get(asset), published) {
            (Some(facts), Some(published)) => self.compared(step, facts, published),
            _ => Vec::new(),
        };
        Ok(Some(Why {
            asset: asset.clone(),
            run: None,
            outcome: outcome(step),
            version: published.map(|published| published.version.id.clone()),
            built_by: published.map(|published| published.version.run),
            causes,
            compared,
        }))
    }

    /// Returns the causes of a step of the plan.
    fn of_step(&self, step: &Step, seen: &mut Seen) -> Result<Vec<Cause>, PlanError> {
        let mut causes = Vec::new();
        for reason in &step.reasons {
            let input = self.input(reason);
            let is_above = input.as_ref().is_some_and(|input| !seen.insert((input.clone(), None)));
            let from = match &input {
                Some(input) if !is_above => self.behind(input, seen)?,
                _ => Vec::new(),
            };
            let is_edit = matches!(reason, Reason::DefinitionChanged { .. });
            causes.push(Cause {
                asset: step.asset.clone(),
                run: None,
                outcome: outcome(step),
                reason: reason.clone(),
                change: step.change.clone().filter(|_| is_edit),
                columns: if is_edit { step.columns.clone() } else { Vec::new() },
                reads: input.as_ref().and_then(|input| self.reads(&step.asset, input)),
                is_above,
                from,
            });
        }
        Ok(causes)
    }

    /// Returns why an input changed: because of the plan, or because of the run that published it since.
    fn behind(&self, input: &AssetName, seen: &mut Seen) -> Result<Vec<Cause>, PlanError> {
        match self.plan.step(input) {
            Some(step) if !matches!(step.wanted(), Action::Unchanged | Action::Check | Action::Settings) => {
                self.of_step(step, seen)
            }
            _ => match (self.history, self.snapshot.published.get(input)) {
                (Some(history), Some(published)) => of_run(history, input, published.version.run, seen),
                _ => Ok(Vec::new()),
            },
        }
    }

    /// Returns the asset that a reason about an input names; `None` if the input is not an asset.
    fn input(&self, reason: &Reason) -> Option<AssetName> {
        let input = named_input(reason)?;
        let is_known = self.analysis.facts.contains_key(&input) || self.snapshot.published.contains_key(&input);
        is_known.then_some(input)
    }

    fn reads(&self, asset: &AssetName, input: &AssetName) -> Option<BTreeSet<String>> {
        match self.analysis.facts.get(asset)?.lineage.reads.get(input.as_str())? {
            ReadColumns::Some(columns) => Some(columns.clone()),
            ReadColumns::All => None,
        }
    }

    /// Compares everything that decides about an asset with what its published version was built from.
    fn compared(&self, step: &Step, facts: &Facts, published: &Published) -> Vec<Compared> {
        let version = &published.version;
        let mut all = vec![Compared {
            what: "definition".to_owned(),
            same: Some(version.definition == facts.definition),
            detail: digests(Some(&version.definition), Some(&facts.definition)),
        }];
        if facts.plan.is_some() || version.plan.is_some() {
            all.push(Compared {
                what: "query as bound".to_owned(),
                same: Some(version.plan == facts.plan),
                detail: digests(version.plan.as_ref(), facts.plan.as_ref()),
            });
        }
        for name in &facts.inputs {
            let read = version.inputs.iter().find(|input| input.version.is_some() && input.name == name.as_str());
            let known = self.plan.step(name).is_none_or(|step| {
                matches!(step.action, Action::Unchanged | Action::Check | Action::Settings) || step.reuse.is_some()
            });
            let there = self.snapshot.published.get(name).map(|published| &published.version);
            let columns = match facts.lineage.reads.get(name.as_str()) {
                Some(ReadColumns::Some(columns)) if !columns.is_empty() => {
                    format!("; reads {}", crate::base::text::named(columns, 8))
                }
                _ => String::new(),
            };
            if let Some(proof) = step.cut_off.iter().find(|proof| proof.input == *name) {
                all.push(Compared {
                    what: name.to_string(),
                    same: Some(true),
                    detail: proof.detail(),
                });
                continue;
            }
            all.push(match (read, there) {
                (Some(read), Some(there)) if known => {
                    // Only the columns that it read count, and C exists for them.
                    let lists = there.contents();
                    let now = now_of(&lists, read);
                    Compared {
                        what: name.to_string(),
                        same: Some(read.content.as_ref() == now),
                        detail: format!("content {}{columns}", digests(read.content.as_ref(), now)),
                    }
                }
                _ => Compared {
                    what: name.to_string(),
                    same: None,
                    detail: format!("unknown until it is built{columns}"),
                },
            });
        }
        all.extend(files(facts, version));
        let moved: BTreeSet<&ObservedInput> = self.observed.moved(version.observed()).map(|(input, _)| input).collect();
        all.extend(version.observed().iter().map(|input| Compared {
            what: input.name(),
            same: Some(!moved.contains(input)),
            detail: "observed, not declared".to_owned(),
        }));
        if let Some(drift) = self.plan.drift.iter().find(|drift| drift.asset.as_ref() == Some(&step.asset)) {
            all.push(Compared {
                what: drift.path.clone(),
                same: Some(false),
                detail: format!("{} outside dp", drift.what),
            });
        } else if let Some(data) = &version.data {
            all.push(Compared {
                what: data.path.to_string(),
                same: Some(true),
                detail: "the published file is unchanged".to_owned(),
            });
        }
        for check in &facts.checks {
            let is_due = step.checks.contains(&check.name);
            let builds = matches!(step.action, Action::Create | Action::Rebuild | Action::Maybe);
            all.push(Compared {
                what: format!("check {}", check.name),
                same: if is_due { Some(false) } else { (!builds).then_some(true) },
                detail: match (is_due, builds) {
                    (true, _) => "due".to_owned(),
                    (false, true) => "runs on the new version, unless its content is the same".to_owned(),
                    (false, false) => "has a result for this content".to_owned(),
                },
            });
        }
        all
    }
}

/// Returns the word for what the plan does with an asset.
fn outcome(step: &Step) -> String {
    if step.held.is_some() { "held_back".to_owned() } else { step.action.word().to_owned() }
}

/// Returns why a run did what it did with an asset; `None` if the asset had no version then and was not part of the
/// run.
pub fn why_then(
    history: &dyn History,
    asset: &AssetName,
    run: RunId,
    environment: &str,
) -> Result<Option<Why>, PlanError> {
    let step = history.step_of_run(run, asset)?;
    let left = match step.as_ref().and_then(|step| step.version.clone()) {
        Some(version) => Some(version),
        None => history.published_at(environment, asset, run)?,
    };
    if step.is_none() && left.is_none() {
        return Ok(None);
    }
    let version = left.as_ref().map(|id| history.version_of(id)).transpose()?.flatten();
    // An asset that a run did not touch is as an earlier run left it.
    let told_by = match (&step, &version) {
        (None, Some(version)) => version.run,
        _ => run,
    };
    let mut seen = BTreeSet::from([(asset.clone(), Some(told_by))]);
    let causes = of_run(history, asset, told_by, &mut seen)?;
    let compared = match &version {
        Some(version) => compared_then(history, version, run, environment)?,
        None => Vec::new(),
    };
    Ok(Some(Why {
        asset: asset.clone(),
        run: Some(run),
        outcome: step.map_or_else(|| "untouched".to_owned(), |step| step.outcome),
        version: left,
        built_by: version.map(|version| version.run),
        causes,
        compared,
    }))
}

/// Returns the recorded reasons for what a run did with an asset.
fn of_run(history: &dyn History, asset: &AssetName, run: RunId, seen: &mut Seen) -> Result<Vec<Cause>, PlanError> {
    let Some(step) = history.step_of_run(run, asset)? else {
        return Ok(Vec::new());
    };
    let mut causes = Vec::new();
    // Reasons that this version of dp does not know are left out.
    let reasons = step.reasons.as_array().cloned().unwrap_or_default();
    for reason in reasons.into_iter().filter_map(|reason| serde_json::from_value::<Reason>(reason).ok()) {
        let input = named_input(&reason);
        let built = input.as_ref().map(|input| built_in(history, step.version.as_ref(), input, run)).transpose()?;
        let at = built.flatten();
        let is_above = input.as_ref().zip(at).is_some_and(|(input, at)| !seen.insert((input.clone(), Some(at))));
        let from = match (&input, at) {
            (Some(input), Some(at)) if !is_above => of_run(history, input, at, seen)?,
            _ => Vec::new(),
        };
        causes.push(Cause {
            asset: asset.clone(),
            run: Some(run),
            outcome: step.outcome.clone(),
            reason,
            change: None,
            columns: Vec::new(),
            reads: None,
            is_above,
            from,
        });
    }
    Ok(causes)
}

/// Compares what a version read with the result of the run.
fn compared_then(
    history: &dyn History,
    version: &Version,
    run: RunId,
    environment: &str,
) -> Result<Vec<Compared>, PlanError> {
    let mut all = Vec::new();
    for input in &version.inputs {
        let Some(read) = &input.version else {
            all.push(Compared {
                what: input.name.clone(),
                same: None,
                detail: format!("read with hash {}", short(input.content.as_ref())),
            });
            continue;
        };
        let name: Option<AssetName> = input.name.parse().ok();
        let then = match &name {
            Some(name) => history.published_at(environment, name, run)?,
            None => None,
        };
        let then = then.as_ref().map(|id| history.version_of(id)).transpose()?.flatten();
        let built = history.version_of(read)?.map(|version| format!(", built by {}", version.run));
        all.push(Compared {
            what: input.name.clone(),
            same: then.as_ref().map(|then| now_of(&then.contents(), input) == input.content.as_ref()),
            detail: format!(
                "read version {read}{}, content {}",
                built.unwrap_or_default(),
                short(input.content.as_ref())
            ),
        });
    }
    Ok(all)
}

/// Returns what the content of an input must be compared with; for a program's input, the hash of the file.
fn now_of<'a>(lists: &'a ContentLists, read: &'a InputRead) -> Option<&'a Digest> {
    if read.read.as_ref().is_some_and(|read| lists.has(read)) {
        return read.content.as_ref();
    }
    if read.ordered { lists.bytes.as_ref() } else { lists.of(&read.columns) }
}

type Seen = BTreeSet<(AssetName, Option<RunId>)>;

/// Returns the run that built the input that a step of `run` read.
fn built_in(
    history: &dyn History,
    version: Option<&VersionId>,
    input: &AssetName,
    run: RunId,
) -> Result<Option<RunId>, PlanError> {
    if history.step_of_run(run, input)?.is_some() {
        return Ok(Some(run));
    }
    let Some(version) = version.map(|id| history.version_of(id)).transpose()?.flatten() else {
        return Ok(None);
    };
    let read = version.inputs.iter().find(|read| read.name == input.as_str()).and_then(|read| read.version.clone());
    Ok(read.map(|id| history.version_of(&id)).transpose()?.flatten().map(|version| version.run))
}

/// Compares the current files with those that the version read.
fn files(facts: &Facts, version: &Version) -> Vec<Compared> {
    let mut before: BTreeMap<&str, Option<&Digest>> = version
        .inputs
        .iter()
        .filter(|input| input.version.is_none())
        .map(|input| (input.name.as_str(), input.content.as_ref()))
        .collect();
    let mut all = Vec::new();
    for file in &facts.files {
        all.push(match before.remove(file.path.as_str()) {
            Some(hash) => Compared {
                what: file.path.clone(),
                same: Some(hash == Some(&file.hash)),
                detail: digests(hash, Some(&file.hash)),
            },
            None => Compared {
                what: file.path.clone(),
                same: Some(false),
                detail: "new".to_owned(),
            },
        });
    }
    all.extend(before.keys().map(|path| Compared {
        what: (*path).to_owned(),
        same: Some(false),
        detail: "gone".to_owned(),
    }));
    all
}

/// Returns the input that a reason names, if the name can be an asset: a file has a name too.
fn named_input(reason: &Reason) -> Option<AssetName> {
    match reason {
        Reason::InputMayChange { input } => Some(input.clone()),
        Reason::InputChanged { input, .. } => input.parse().ok(),
        Reason::HeldBack { with, .. } => with.first().cloned(),
        _ => None,
    }
}

fn short(digest: Option<&Digest>) -> String {
    digest.map_or_else(|| "not known".to_owned(), |digest| digest.short().to_owned())
}

/// "3f2a99c01b7d", or "now 3f2a99c01b7d, was 77d0…".
fn digests(before: Option<&Digest>, after: Option<&Digest>) -> String {
    if before == after { short(after) } else { format!("now {}, was {}", short(after), short(before)) }
}
