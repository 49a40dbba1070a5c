use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::certain::{certain, certain_view};
use super::decide::{
    Contents, InputState, MOST_CANDIDATES, check_key, known, made_from_the_same, observed_key, version_key,
    view_contents,
};
use super::demand::Demand;
use super::hold::{self, Holds};
use super::moves::Moves;
use super::{Action, CutOff, Drift, HeldStep, Plan, PlanError, Reason, StandsOn, Step, Warning, estimate, explain};
use crate::base::diagnostic::Problems;
use crate::base::text;
use crate::effects::Notice;
use crate::facts::{Analysis, CheckFacts, Facts};
use crate::graph::Selection;
use crate::model::{AssetName, Observed, ShownChange, Version, VersionId};
use crate::project::{Asset, Judgement, Project, Refresh};
use crate::seam::{LedgerRead, Published, Snapshot};

/// What the user asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The selected assets.
    pub selection: Selection,
    /// Assets to build even if nothing requires it.
    pub replace: BTreeSet<AssetName>,
    /// Whether to withdraw everything that is selected.
    pub destroy: bool,
    /// Whether to publish again what rollbacks hold back.
    pub resume: bool,
    /// The time from which ages are computed.
    pub now: Timestamp,
}

/// Compares what is declared with what is recorded and with what exists.
///
/// # Errors
/// [`PlanError::UnpublishedInput`] and [`PlanError::Protected`], and if the state can't be read.
pub fn build(
    project: &Project,
    analysis: &Analysis,
    snapshot: &Snapshot,
    observed: &Observed,
    catalogue: &dyn LedgerRead,
    options: &Options,
) -> Result<Plan, PlanError> {
    let builder = Builder {
        demand: OnceCell::new(),
        project,
        analysis,
        snapshot,
        observed,
        catalogue,
        options,
        moves: Moves::new(project, snapshot, |name| options.selection.contains(name)),
    };
    let selection = builder.selection();
    // Errors among the problems belong to assets outside the plan.
    let mut warnings = problem_warnings(&analysis.problems);
    warnings.splice(0..0, builder.of_programs(&selection));
    let mut steps = if options.destroy { Vec::new() } else { builder.steps(&selection)? };
    if let (Selection::Only(selected), false) = (&selection, options.destroy) {
        warnings.extend(builder.due_outside(selected)?);
    }
    steps.extend(builder.destroyed(&steps)?);
    let drift = builder.drift(&steps);
    let estimates = estimate::estimates(&steps, catalogue)?;
    Ok(Plan {
        project: project.settings.name.clone(),
        environment: project.settings.environment.clone(),
        state_id: snapshot.state_id.clone(),
        serial: snapshot.serial,
        repair_links: snapshot.release.is_some() && observed.needs_mending(),
        steps,
        estimates,
        drift,
        warnings,
        left_out: Vec::new(),
    })
}

/// Returns the problems of the project as warnings.
pub fn problem_warnings(problems: &Problems) -> Vec<Warning> {
    problems.sorted().into_iter().map(warning).collect()
}

fn warning(problem: &crate::base::diagnostic::Problem) -> Warning {
    let place = problem.place().map(|(file, offset)| (file.path().to_owned(), file.line_column(offset)));
    Warning {
        code: problem.code_text(),
        // The engine's messages have several lines.
        message: problem.message().split_whitespace().collect::<Vec<_>>().join(" "),
        file: place.as_ref().map(|(file, _)| file.clone()),
        line: place.as_ref().map(|(_, (line, _))| *line),
        column: place.as_ref().map(|(_, (_, column))| *column),
    }
}

struct Builder<'a> {
    project: &'a Project,
    analysis: &'a Analysis,
    snapshot: &'a Snapshot,
    observed: &'a Observed,
    catalogue: &'a dyn LedgerRead,
    options: &'a Options,
    /// The assets that take over the version of a previous name.
    moves: Moves,
    /// Computed on demand, because only computed views need it.
    demand: OnceCell<Demand>,
}

impl Builder<'_> {
    fn demand(&self) -> &Demand {
        self.demand.get_or_init(|| Demand::new(self.project, self.analysis, self.snapshot))
    }

    /// Returns the steps of the selected assets, each after its inputs.
    ///
    /// First finds what is held back, from what would be done without holds, and then decides the other steps around
    /// it.
    fn steps(&self, selection: &Selection) -> Result<Vec<Step>, PlanError> {
        let mut holds = Holds::default();
        loop {
            let before = holds.len();
            let steps = self.steps_around(selection, &mut holds)?;
            if holds.len() == before {
                return Ok(steps);
            }
        }
    }

    /// Returns the steps around the known holds. If further assets turn out to be held, adds them to `holds`; the
    /// caller must then decide the steps again.
    fn steps_around(&self, selection: &Selection, holds: &mut Holds) -> Result<Vec<Step>, PlanError> {
        let found_before = holds.len();
        let mut contents = Contents::new();
        // Checks may read a broken asset, which stays as it is published.
        for name in self.analysis.broken.keys() {
            if let Some(published) = self.snapshot.published.get(name) {
                contents.insert(name.clone(), known(&published.version));
            }
        }
        let mut steps: BTreeMap<AssetName, Step> = BTreeMap::new();
        let order = self.analysis.graph.order();
        for name in order {
            let Some(facts) = self.analysis.facts.get(name) else {
                continue;
            };
            let published = self.moves.published(self.snapshot, name);
            let asset = &self.project.assets[name];
            let by = hold::held_definition(self.snapshot, asset, facts).filter(|_| !self.options.resume);
            if holds.contains(name) || !selection.contains(name) {
                // Nothing can read it under its previous name any more.
                let shown = published.filter(|published| published.version.asset == *name);
                if let Some(published) = shown {
                    contents.insert(name.clone(), known(&published.version));
                }
                if let Some(step) = holds.step(name) {
                    steps.insert(name.clone(), step.clone());
                }
                let is_as_declared = shown.is_some_and(|there| there.version.definition == facts.definition);
                if let (Some(by), false, false) = (by, is_as_declared, holds.contains(name)) {
                    holds.hold(name, by, None);
                }
                continue;
            }
            inputs_exist(asset, facts, &contents)?;
            if let (Some(path), None) = (self.observed.foreign.get(name), by) {
                return Err(PlanError::ForeignFile {
                    asset: name.to_string(),
                    path: path.clone(),
                });
            }
            let (mut step, state) = self.step(asset, facts, published, &contents)?;
            contents.insert(name.clone(), state);
            let inputs = holds.among(&facts.inputs);
            if step.action != Action::Unchanged {
                match by {
                    Some(by) => holds.hold(name, by, Some(step.clone())),
                    None if !inputs.is_empty() => holds.stay(name, &inputs, step.clone()),
                    None => step.reasons.extend(self.resumed(asset, facts)),
                }
            }
            steps.insert(name.clone(), step);
        }
        if holds.len() > found_before {
            return Ok(Vec::new());
        }
        // Checks may read assets that come later in the order, so they are decided when all contents are known.
        for name in order {
            if let (Some(step), Some(facts)) = (steps.get_mut(name), self.analysis.facts.get(name))
                && !holds.contains(name)
            {
                self.due_checks(step, facts, &contents)?;
                let unchecked = self.unchecked(facts, holds);
                if step.action != Action::Unchanged && !unchecked.is_empty() {
                    holds.stay(name, &unchecked, step.clone());
                }
                self.settings(step);
            }
        }
        self.bound_checks(selection, &contents, holds, &mut steps)?;
        Ok(order.iter().filter_map(|name| steps.remove(name)).collect())
    }

    /// Adds the checks of unselected assets that read what would be published: they must pass as well.
    fn bound_checks(
        &self,
        selection: &Selection,
        contents: &Contents,
        holds: &Holds,
        steps: &mut BTreeMap<AssetName, Step>,
    ) -> Result<(), PlanError> {
        let publishes =
            |step: &&Step| matches!(step.action, Action::Create | Action::Rebuild | Action::Maybe | Action::Reuse);
        let published: BTreeSet<AssetName> = steps.values().filter(publishes).map(|step| step.asset.clone()).collect();
        if published.is_empty() {
            return Ok(());
        }
        for (name, facts) in &self.analysis.facts {
            let (Some(asset), Some(there)) = (self.project.assets.get(name), self.snapshot.published.get(name)) else {
                continue;
            };
            if selection.contains(name) || holds.contains(name) {
                continue;
            }
            let reads = |check: &&CheckFacts| check.inputs.iter().any(|input| published.contains(input));
            let can = |check: &&CheckFacts| self.can_be_checked(check, selection, contents);
            let checks: Vec<CheckFacts> = facts.checks.iter().filter(reads).filter(can).cloned().collect();
            if checks.is_empty() {
                continue;
            }
            let mut step = self.unchanged(asset, facts, Some(there));
            let facts = Facts {
                checks,
                ..facts.clone()
            };
            self.due_checks(&mut step, &facts, contents)?;
            if step.action == Action::Check {
                steps.insert(name.clone(), step);
            }
        }
        Ok(())
    }

    /// Whether a check can run on the published versions of unselected assets.
    fn can_be_checked(&self, check: &CheckFacts, selection: &Selection, contents: &Contents) -> bool {
        check.inputs.iter().all(|input| {
            let published = self.snapshot.published.get(input).filter(|_| !selection.contains(input));
            match published.zip(self.analysis.schema(input)) {
                Some((published, bound)) => hold::can_be_checked(check, input, bound, &published.version),
                None => contents.contains_key(input),
            }
        })
    }

    /// Returns the reason why a step publishes what a rollback took back: the user asked for it.
    fn resumed(&self, asset: &Asset, facts: &Facts) -> Option<Reason> {
        let held = hold::held_definition(self.snapshot, asset, facts)?;
        Some(hold::reason(held))
    }

    /// Notes the settings whose declaration changed since they were applied.
    fn settings(&self, step: &mut Step) {
        let (Some(asset), Some(published)) =
            (self.project.assets.get(&step.asset), self.moves.published(self.snapshot, &step.asset))
        else {
            return;
        };
        let declared = asset.behaviour();
        let changes = published.settings_in_force(&declared).changes(&declared);
        if changes.is_empty() {
            return;
        }
        step.reasons.push(Reason::SettingsChanged { changes });
        if step.action == Action::Unchanged {
            step.action = Action::Settings;
        }
    }

    /// Returns the held assets that checks of another asset read and on whose published versions these checks can't
    /// run.
    fn unchecked(&self, facts: &Facts, holds: &Holds) -> BTreeSet<AssetName> {
        let mut found = BTreeSet::new();
        for check in &facts.checks {
            for input in holds.among(&check.inputs) {
                let published = self.snapshot.published.get(&input);
                let can = published
                    .zip(self.analysis.schema(&input))
                    .is_some_and(|(published, bound)| hold::can_be_checked(check, &input, bound, &published.version));
                if !can {
                    found.insert(input);
                }
            }
        }
        found
    }

    /// Returns the step of an asset to which nothing is done.
    fn unchanged(&self, asset: &Asset, facts: &Facts, published: Option<&Published>) -> Step {
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

    fn step(
        &self,
        asset: &Asset,
        facts: &Facts,
        published: Option<&Published>,
        contents: &Contents,
    ) -> Result<(Step, InputState), PlanError> {
        let mut step = self.unchanged(asset, facts, published);
        let is_sql_view = asset.is_computed();
        let before = published.map(|published| &published.version);
        let key = version_key(facts, is_sql_view, contents, before)
            .map(|key| before.map_or_else(|| key.clone(), |before| observed_key(&key, before.observed())));
        let mut may_change = Vec::new();
        match published {
            None => step.reasons.push(Reason::New),
            Some(published) => {
                self.definition_reasons(asset, facts, published, &mut step)?;
                may_change = self.input_reasons(facts, is_sql_view, published, contents, &mut step);
                let mut last = None;
                // A program can depend on a path in several ways; one reason is enough.
                let moved = self.observed.moved(published.version.observed());
                let moved = moved.filter(|(input, _)| last.replace(&input.path) != Some(&input.path));
                step.reasons.extend(moved.map(|(input, now)| Reason::observed(input, now)));
                self.output_reasons(asset, published, &mut step.reasons);
                let same_key = match &key {
                    Some(key) => *key == published.version.key,
                    None => facts.plan == published.version.plan,
                };
                if step.reasons.is_empty() && may_change.is_empty() && !same_key {
                    step.reasons.push(self.other_meaning(facts, published));
                }
            }
        }
        let forced = self.options.replace.contains(&asset.name);
        // A version can move to another place without a build: the place of its files is not part of its key.
        let only_file = published.is_some_and(|published| {
            let version = &published.version;
            step.reasons.len() == 1
                && version.definition == facts.definition
                && key.as_ref() == Some(&version.key)
                && !asset.exports_like(version)
        });
        let stays = (step.reasons.is_empty() || only_file) && may_change.is_empty() && !forced;
        if let Some(published) = published.filter(|published| published.version.asset != asset.name) {
            step.reasons.insert(
                0,
                Reason::Moved {
                    from: published.version.asset.clone(),
                },
            );
        }
        if let Some(published) = published.filter(|_| stays && !step.reasons.is_empty()) {
            step.action = Action::Reuse;
            step.reuse = Some(published.version.id.clone());
            return Ok((step, published_state(published)));
        }
        if forced {
            step.reasons.push(Reason::Forced);
        }
        let must_compute = forced || step.reasons.iter().any(|reason| matches!(reason, Reason::Stale { .. }));
        if step.reasons.is_empty() {
            if may_change.is_empty() {
                let state = published.map_or(InputState::Unknown { certain: None }, published_state);
                return Ok((step, state));
            }
            step.cut_off.clear();
            step.action = Action::Maybe;
            step.reasons = may_change;
            let state = self.built_state(asset, facts, published, contents, &mut step)?;
            return Ok((step, state));
        }
        step.cut_off.clear();
        // A new version is identified by the fewest columns, whatever the published one was compared by.
        let new_key = version_key(facts, is_sql_view, contents, None);
        let made = match &new_key {
            Some(_) if facts.program.is_some() => {
                let candidates = self.catalogue.newest_versions(&asset.name, MOST_CANDIDATES)?;
                made_from_the_same(candidates, facts, contents, self.observed)
            }
            _ => None,
        };
        let reusable = match &new_key {
            Some(_) if must_compute => None,
            Some(_) if facts.program.is_some() => made,
            Some(key) if facts.unstable.is_empty() && !is_sql_view => {
                self.catalogue.version_with_key(&asset.name, key)?
            }
            _ => None,
        };
        let reusable = reusable.filter(|version| !self.is_stale(asset, version));
        let reusable = self.intact(published, key.as_ref(), &step.reasons, reusable);
        if let Some(version) = reusable {
            step.action = Action::Reuse;
            let state = known(&version);
            step.reuse = Some(version.id);
            return Ok((step, state));
        }
        step.action = if published.is_none() { Action::Create } else { Action::Rebuild };
        let state = self.built_state(asset, facts, published, contents, &mut step)?;
        Ok((step, state))
    }

    /// Returns what is known of an asset that will be built. Its rows are unknown unless they are only computed, read
    /// in place, or proven to stay the same.
    fn built_state(
        &self,
        asset: &Asset,
        facts: &Facts,
        published: Option<&Published>,
        contents: &Contents,
        step: &mut Step,
    ) -> Result<InputState, PlanError> {
        if asset.is_view() {
            let contents = view_contents(facts, contents, &self.demand().of(&asset.name));
            return Ok(match contents.whole {
                Some(_) => InputState::Known {
                    version: None,
                    contents,
                },
                None => certain_view(contents),
            });
        }
        let Some(published) = published else {
            return Ok(InputState::Unknown { certain: None });
        };
        let known = (self.analysis, self.catalogue);
        let certain = certain(asset, facts, published, contents, &step.reasons, known)?;
        step.proven = certain.iter().flat_map(|certain| certain.contents.lists.iter().cloned()).collect();
        Ok(InputState::Unknown { certain })
    }

    /// Returns why the same definition over the same rows has another meaning: a view between them, a name, or the
    /// engine.
    fn other_meaning(&self, facts: &Facts, published: &Published) -> Reason {
        let is_computed = |name: &&AssetName| self.project.assets.get(*name).is_some_and(Asset::is_computed);
        if let Some(view) = facts.inputs.iter().find(is_computed) {
            return Reason::InputChanged {
                input: view.to_string(),
                how: vec!["its query changed".to_owned()],
                observed: false,
            };
        }
        if let Some((input, before)) = self.renamed_input(facts, published) {
            return Reason::InputChanged {
                input: input.to_string(),
                how: vec![format!("it had the name {before}")],
                observed: false,
            };
        }
        Reason::EngineChanged {
            before: published.version.engine.clone(),
            after: self.analysis.engine.clone(),
        }
    }

    /// Returns an input that was read under another name before, and that name. Only a table of a program reads an
    /// input that its definition does not name.
    fn renamed_input<'f>(&self, facts: &'f Facts, published: &Published) -> Option<(&'f AssetName, &AssetName)> {
        facts.inputs.iter().find_map(|input| {
            let reads = |name: &AssetName| published.version.input(name).is_some();
            let mut before = self.project.assets.get(input)?.moved_from.iter().map(|(name, _)| name);
            let before = before.find(|before| reads(before))?;
            (!reads(input)).then_some((input, before))
        })
    }

    /// Returns the published version and the version with the same key, if they can be published without a build.
    fn intact(
        &self,
        published: Option<&Published>,
        key: Option<&crate::model::Digest>,
        reasons: &[Reason],
        with_key: Option<Version>,
    ) -> Option<Version> {
        let Some((output, published)) =
            published.and_then(|published| Some((self.observed.outputs.get(&published.version.asset)?, published)))
        else {
            return with_key;
        };
        let only_output =
            reasons.iter().all(|reason| matches!(reason, Reason::OutputMissing { .. } | Reason::OutputDrifted { .. }));
        if !output.stored && only_output && key == Some(&published.version.key) {
            return Some(published.version.clone());
        }
        with_key.filter(|version| !output.stored || version.id != published.version.id)
    }

    /// Returns the selected assets, and the in-place sources below them whose files changed: their readers see the new
    /// bytes.
    fn selection(&self) -> Selection {
        let Selection::Only(names) = &self.options.selection else {
            return Selection::All;
        };
        let mut all = names.clone();
        for name in names {
            self.add_changed_in_place(name, &mut all);
        }
        Selection::Only(all)
    }

    /// Adds the changed in-place sources that an asset reads. Returns whether there were any.
    fn add_changed_in_place(&self, name: &AssetName, selected: &mut BTreeSet<AssetName>) -> bool {
        let Some(facts) = self.analysis.facts.get(name) else {
            return false;
        };
        let mut found = false;
        for input in &facts.inputs {
            let Some((asset, below)) = self.project.assets.get(input).zip(self.analysis.facts.get(input)) else {
                continue;
            };
            if !asset.is_view() {
                continue;
            }
            let published = self.snapshot.published.get(input);
            let changed = published.is_some_and(|published| file_change(below, published).is_some());
            if changed | self.add_changed_in_place(input, selected) {
                selected.insert(input.clone());
                found = true;
            }
        }
        found
    }

    fn definition_reasons(
        &self,
        asset: &Asset,
        facts: &Facts,
        published: &Published,
        step: &mut Step,
    ) -> Result<(), PlanError> {
        if published.version.definition == facts.definition {
            if !asset.exports_like(&published.version) {
                step.reasons.push(explain::export_moved(asset, &published.version));
            }
            return Ok(());
        }
        let before = self.catalogue.definition(&published.version.definition)?;
        let (reason, change) = explain::definition_change(self.project, asset, facts, before.as_ref(), self.analysis);
        step.reasons.push(reason);
        step.change = change;
        if facts.awaits.is_empty() {
            step.columns = facts.schema.changes_since(&published.version.schema);
        } else {
            let programs = facts.awaits.iter().filter(|name| **name != asset.name);
            step.columns.extend(programs.map(|name| format!("columns are unknown until {name} has run")));
        }
        Ok(())
    }

    /// Notes the inputs that certainly changed, and returns those that may change.
    fn input_reasons(
        &self,
        facts: &Facts,
        is_sql_view: bool,
        published: &Published,
        contents: &Contents,
        step: &mut Step,
    ) -> Vec<Reason> {
        let reasons = &mut step.reasons;
        if let Some(reason) = file_change(facts, published) {
            reasons.push(reason);
        }
        if !facts.schema_changes.is_empty() {
            reasons.push(Reason::SchemaChanged {
                changes: facts.schema_changes.iter().map(ToString::to_string).collect(),
                asks: facts.asks,
            });
        }
        let same_query = published.version.definition == facts.definition;
        let same_plan = published.version.plan == facts.plan;
        let mut may_change = Vec::new();
        for name in &facts.inputs {
            let before = published.version.input(name);
            let state = contents.get(name);
            let same = match (before, state) {
                (Some(before), Some(InputState::Known { version, .. })) if is_sql_view => before.version == *version,
                (Some(before), Some(state @ InputState::Known { .. })) => state.same_as_read(before).is_some(),
                // The columns that it was compared by must be certain too, or it could not be compared again.
                (Some(before), Some(state)) if !is_sql_view => state.same_as_read(before).is_some_and(|same| {
                    same.include(&before.compared_by())
                        && facts.reads.get(name).is_some_and(|reads| same.include(reads))
                }),
                _ => false,
            };
            match state {
                _ if same => {
                    if matches!(state, Some(InputState::Unknown { .. }))
                        && let Some(read) = facts.reads.get(name)
                    {
                        step.cut_off.push(CutOff {
                            input: name.clone(),
                            columns: read.clone(),
                        });
                    }
                }
                Some(InputState::Known { .. }) if before.is_none() && same_query => {
                    // The input is read through an asset that was a table before, or through another view.
                    let reason = self.other_meaning(facts, published);
                    if !reasons.contains(&reason) {
                        reasons.push(reason);
                    }
                }
                Some(InputState::Known { .. }) => {
                    if let Some(before) = before {
                        let how = self.schema_changes(name, before.version.as_ref());
                        reasons.push(Reason::InputChanged {
                            input: name.to_string(),
                            how,
                            observed: false,
                        });
                    }
                }
                Some(InputState::Unknown { .. }) | None => {
                    let how = self.schema_changes(name, before.and_then(|before| before.version.as_ref()));
                    if how.is_empty() || same_plan || is_sql_view {
                        may_change.push(Reason::InputMayChange { input: name.clone() });
                    } else {
                        reasons.push(Reason::InputChanged {
                            input: name.to_string(),
                            how,
                            observed: false,
                        });
                    }
                }
            }
        }
        may_change
    }

    /// Returns how an input's columns will differ from those that were read, if the version read is still published.
    fn schema_changes(&self, input: &AssetName, read: Option<&VersionId>) -> Vec<String> {
        let before = self.snapshot.published.get(input).filter(|published| Some(&published.version.id) == read);
        match (before, self.analysis.facts.get(input)) {
            (Some(before), Some(facts)) if facts.awaits.is_empty() && !facts.may_differ => {
                facts.schema.changes_since(&before.version.schema)
            }
            _ => Vec::new(),
        }
    }

    fn output_reasons(&self, asset: &Asset, published: &Published, reasons: &mut Vec<Reason>) {
        if let Some(output) = self.observed.outputs.get(&published.version.asset) {
            let path = output.path.clone();
            reasons.push(if output.what == "missing" {
                Reason::OutputMissing { path }
            } else {
                Reason::OutputDrifted { path }
            });
        }
        if self.is_stale(asset, &published.version) {
            let refresh = match &asset.refresh {
                Some(Refresh::After { written, .. }) => written.clone(),
                Some(Refresh::Always) | None => "always".to_owned(),
            };
            let created = published.version.created;
            reasons.push(Reason::Stale {
                refresh,
                ahead: (created > self.options.now).then_some(created),
            });
        }
    }

    /// Whether a version is older than its asset allows.
    fn is_stale(&self, asset: &Asset, version: &Version) -> bool {
        asset.refresh.as_ref().is_some_and(|refresh| refresh.is_over(version.created, self.options.now))
    }

    fn due_checks(&self, step: &mut Step, facts: &Facts, contents: &Contents) -> Result<(), PlanError> {
        if step.action != Action::Unchanged {
            return Ok(());
        }
        let mut missing = Vec::new();
        let mut failed = Vec::new();
        let mut waiting = Vec::new();
        let mut timed = Vec::new();
        for check in &facts.checks {
            if check.reads_clock {
                timed.push(check.name.clone());
                continue;
            }
            match check_key(check, contents) {
                None => waiting.push((check.name.clone(), check.inputs.clone())),
                Some(key) => {
                    let recorded = self.catalogue.check_result(&key)?;
                    match recorded {
                        _ if check.is_settled_by(recorded) => {}
                        Some(_) => failed.push(check.name.clone()),
                        None => missing.push(check.name.clone()),
                    }
                }
            }
        }
        let mut add = |checks: Vec<String>, why: String| {
            if !checks.is_empty() {
                step.checks.extend(checks.iter().cloned());
                step.reasons.push(Reason::ChecksDue { checks, why });
                step.action = Action::Check;
            }
        };
        add(missing, "no result for this content".to_owned());
        add(failed, "failed on this content, which blocks publishing".to_owned());
        add(timed, "depends on the current time".to_owned());
        for (check, reads) in waiting {
            let unknown: Vec<_> = reads
                .iter()
                .filter(|name| matches!(contents.get(*name), Some(InputState::Unknown { .. }) | None))
                .collect();
            add(vec![check], format!("runs again if {} changes", text::and(unknown)));
        }
        Ok(())
    }

    /// Returns warnings about programs before they run: what they may reach outside the project, and which hosts they
    /// contacted the last time although nothing makes their results stale.
    fn of_programs(&self, selection: &Selection) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for asset in self.project.assets.values().filter(|asset| selection.contains(&asset.name)) {
            let Some(command) = asset.command() else {
                continue;
            };
            let place = |offset: usize| {
                let (line, column) = asset.file.line_column(offset);
                (Some(asset.file.path().to_owned()), Some(line), Some(column))
            };
            let outside: Vec<&String> = command.allow.outside().collect();
            if !outside.is_empty() {
                let (file, line, column) = place(command.allow.span.as_ref().map_or(0, |span| span.start));
                let message = format!("`{}` may access {}, outside the project", asset.name, text::named(outside, 5));
                warnings.push(Warning {
                    code: "dp::plan::allows_outside".to_owned(),
                    message,
                    file,
                    line,
                    column,
                });
            }
            let published = self.snapshot.published.get(&asset.name);
            let program = published.and_then(|published| published.version.program.as_ref());
            let contacted = program.map(|program| program.contacted.as_slice()).unwrap_or_default();
            if !contacted.is_empty() && asset.refresh.is_none() && command.judgement == Judgement::Warn {
                let (file, line, column) = place(command.run_span.start);
                let notice = Notice::contacted(&asset.name, contacted);
                warnings.push(Warning {
                    code: notice.code_text(),
                    message: format!("{notice}: {}", notice.help_text()),
                    file,
                    line,
                    column,
                });
            }
        }
        warnings
    }

    /// Returns warnings for the inputs of a selection that are due themselves and not selected.
    fn due_outside(&self, selected: &BTreeSet<AssetName>) -> Result<Vec<Warning>, PlanError> {
        let whole = self.steps(&Selection::All)?;
        let due: BTreeSet<&AssetName> = whole
            .iter()
            .filter(|step| !matches!(step.action, Action::Unchanged | Action::Check | Action::Settings))
            .map(|step| &step.asset)
            .collect();
        let mut warnings = Vec::new();
        for name in selected {
            let Some(facts) = self.analysis.facts.get(name) else {
                continue;
            };
            let outside: Vec<_> =
                facts.inputs.iter().filter(|input| !selected.contains(*input) && due.contains(input)).collect();
            if !outside.is_empty() {
                let file = &self.project.assets[name].file;
                warnings.push(Warning {
                    code: "dp::plan::input_due".to_owned(),
                    message: format!(
                        "`{name}` would read the published version of {}, although the plan would rebuild it; select `+{name}` to build its upstream too",
                        text::named(outside, 5)
                    ),
                    file: Some(file.path().to_owned()),
                    line: None,
                    column: None,
                });
            }
        }
        Ok(warnings)
    }

    fn destroyed(&self, steps: &[Step]) -> Result<Vec<Step>, PlanError> {
        let mut destroyed = Vec::new();
        let mut protected = Vec::new();
        // A renamed asset is not destroyed; its new name takes it over when that is selected.
        let moves = Moves::new(self.project, self.snapshot, |_| !self.options.destroy);
        for (name, published) in &self.snapshot.published {
            if moves.takes(name) {
                continue;
            }
            let declared = self.project.assets.get(name);
            let wanted = self.options.destroy || declared.is_none();
            if !wanted || !self.options.selection.contains(name) || steps.iter().any(|step| step.asset == *name) {
                continue;
            }
            // A user who passes --destroy asks for it.
            let held = self.snapshot.held_withdrawal(name).filter(|_| !self.options.destroy);
            let is_held = held.is_some() && !self.options.resume;
            if !is_held && declared.map_or_else(|| published.is_protected(), |asset| asset.protect) {
                protected.push(name.to_string());
                continue;
            }
            destroyed.push(Step {
                asset: name.clone(),
                kind: declared.map(|asset| asset.kind_word().to_owned()).unwrap_or_default(),
                action: if is_held { Action::Unchanged } else { Action::Destroy },
                reasons: [if self.options.destroy {
                    Reason::DestroyRequested {
                        file: removed_file(published),
                    }
                } else {
                    Reason::Removed {
                        file: removed_file(published),
                    }
                }]
                .into_iter()
                .chain(held.map(hold::reason))
                .collect(),
                inputs: Vec::new(),
                change: None,
                columns: Vec::new(),
                checks: Vec::new(),
                reuse: None,
                cut_off: Vec::new(),
                proven: Vec::new(),
                stands_on: StandsOn {
                    pointer: Some(published.version.id.clone()),
                    ..StandsOn::default()
                },
                held: held.filter(|_| is_held).map(|held| HeldStep {
                    action: Action::Destroy,
                    run: held.run,
                    since: held.since,
                    version: None,
                    with: BTreeSet::new(),
                }),
            });
        }
        if protected.is_empty() {
            return Ok(destroyed);
        }
        Err(PlanError::Protected { assets: protected })
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

    fn drift(&self, steps: &[Step]) -> Vec<Drift> {
        let step_of = |asset: &AssetName| steps.iter().find(|step| step.asset == *asset);
        let outputs = self.observed.outputs.iter().map(|(asset, output)| Drift {
            asset: Some(asset.clone()),
            what: output.what.to_owned(),
            path: output.path.clone(),
            mtime: output.mtime,
            action: step_of(asset).map_or("none", |step| step.action.word()).to_owned(),
        });
        let shown = self.observed.shown.iter().map(|state| Drift {
            asset: state.asset.clone(),
            what: state.what.word().to_owned(),
            path: state.path.clone(),
            mtime: state.mtime,
            action: match state.what {
                ShownChange::Occupied => "blocked",
                what if what.is_mended() => "mend",
                _ => "none",
            }
            .to_owned(),
        });
        outputs.chain(shown).collect()
    }
}

/// Returns an error unless every input of an asset has a version or will have one.
fn inputs_exist(asset: &Asset, facts: &Facts, contents: &Contents) -> Result<(), PlanError> {
    let missing: Vec<String> =
        facts.inputs.iter().filter(|input| !contents.contains_key(*input)).map(ToString::to_string).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(PlanError::UnpublishedInput {
        asset: asset.name.to_string(),
        inputs: missing,
    })
}

fn published_state(published: &Published) -> InputState {
    known(&published.version)
}

/// Returns the file that is removed with a withdrawn asset.
fn removed_file(published: &Published) -> Option<String> {
    published.version.placed().next().map(|(path, _)| path.to_string())
}

/// Returns the files that were added, changed or removed since the published version read them.
fn file_change(facts: &Facts, published: &Published) -> Option<Reason> {
    let before: BTreeMap<&str, _> = published
        .version
        .inputs
        .iter()
        .filter(|input| input.version.is_none())
        .map(|input| (input.name.as_str(), input.content.as_ref()))
        .collect();
    let mut changed = Vec::new();
    for file in &facts.files {
        match before.get(file.path.as_str()) {
            None => changed.push(format!("{} is new", file.path)),
            Some(hash) if *hash != Some(&file.hash) => changed.push(format!("{} changed", file.path)),
            Some(_) => {}
        }
    }
    for path in before.keys() {
        if !facts.files.iter().any(|file| file.path == *path) {
            changed.push(format!("{path} is gone"));
        }
    }
    match changed.as_slice() {
        [] => None,
        [one] if one.ends_with(" changed") => Some(Reason::InputChanged {
            input: one.trim_end_matches(" changed").to_owned(),
            how: Vec::new(),
            observed: false,
        }),
        _ => {
            let shown: Vec<String> = changed.iter().take(3).cloned().collect();
            let more = changed.len() - shown.len();
            let how = if more > 0 { [shown, vec![format!("{more} more")]].concat() } else { shown };
            Some(Reason::InputChanged {
                input: "files".to_owned(),
                how,
                observed: false,
            })
        }
    }
}
