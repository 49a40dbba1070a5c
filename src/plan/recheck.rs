use std::collections::BTreeSet;

use super::{Action, Plan, Reason, StandsOn, Step};
use crate::facts::Analysis;
use crate::model::AssetName;
use crate::project::Project;
use crate::seam::Snapshot;

/// Returns a plan that runs every check of the given assets on what is published, and does nothing else.
///
/// Assets without checks and unpublished assets are left out.
pub fn recheck(project: &Project, analysis: &Analysis, snapshot: &Snapshot, assets: &BTreeSet<AssetName>) -> Plan {
    let steps = analysis.graph.order().iter().filter(|name| assets.contains(*name)).filter_map(|name| {
        let facts = analysis.facts.get(name).filter(|facts| !facts.checks.is_empty())?;
        let published = snapshot.published.get(name)?;
        Some(Step {
            asset: name.clone(),
            kind: project.assets.get(name)?.kind_word().to_owned(),
            action: Action::Check,
            reasons: vec![Reason::CheckRequested],
            inputs: facts.inputs.iter().cloned().collect(),
            change: None,
            columns: Vec::new(),
            checks: facts.checks.iter().map(|check| check.name.clone()).collect(),
            reuse: None,
            cut_off: Vec::new(),
            proven: Vec::new(),
            stands_on: StandsOn {
                pointer: Some(published.version.id.clone()),
                ..StandsOn::default()
            },
            held: None,
        })
    });
    Plan {
        estimates: std::collections::BTreeMap::new(),
        project: project.settings.name.clone(),
        environment: project.settings.environment.clone(),
        state_id: snapshot.state_id.clone(),
        serial: snapshot.serial,
        steps: steps.collect(),
        drift: Vec::new(),
        warnings: Vec::new(),
        repair_links: false,
        left_out: Vec::new(),
    }
}
