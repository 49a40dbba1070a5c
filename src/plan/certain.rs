//! What is certain of a table before it is rebuilt: static cut-off.

use std::collections::BTreeSet;

use super::decide::{Certain, Input, Inputs, same_files};
use super::{PlanError, Reason};
use crate::facts::{Analysis, Facts};
use crate::model::{AssetName, Columns, ContentLists, Shape, Version, VersionId};
use crate::project::Asset;
use crate::seam::{LedgerRead, Published};

/// Returns the columns in which a rebuild gives the published rows. The proof requires:
///
/// - dp computed the published version; a user did not adopt or accept it;
/// - both queries are deterministic, under the same settings and the same engine, over the same files;
/// - the same text decides the set of rows, over inputs that are the same in what is read for it;
/// - the column has the same name, type and text, over inputs that are the same in what is read for it.
///
/// The position of the column does not count: C of a list is over columns in the order of their names.
///
/// Returns `None` if not even the number of rows is certain. Nothing is certain either if the user forces a rebuild or
/// if the published data is lost.
pub(super) fn certain(
    asset: &Asset,
    facts: &Facts,
    published: &Published,
    contents: &Inputs,
    reasons: &[Reason],
    (analysis, catalogue): (&Analysis, &dyn LedgerRead),
) -> Result<Option<Certain>, PlanError> {
    let version = &published.version;
    let by_meaning = reasons.iter().all(|reason| {
        matches!(
            reason,
            Reason::DefinitionChanged { .. }
                | Reason::InputChanged { .. }
                | Reason::SchemaChanged { .. }
                | Reason::InputMayChange { .. }
                | Reason::RolledBack { .. }
        )
    });
    let comparable = by_meaning
        && !asset.is_view()
        && version.data.is_some()
        && version.deterministic
        && version.by_hand.is_none()
        && facts.unstable.is_empty()
        && version.engine == analysis.engine
        && same_files(facts, version)
        && same_settings(facts, version, catalogue)?;
    let (true, Some(now), Some(plan)) = (comparable, &facts.shape, &version.plan) else {
        return Ok(None);
    };
    let before = if facts.plan.as_ref() == Some(plan) { Some((**now).clone()) } else { catalogue.shape(plan)? };
    let Some(before) = before else {
        return Ok(None);
    };
    Ok(same_columns(facts, now, version, &before, contents).map(|columns| Certain {
        same_as: Some(version.id.clone()),
        contents: certain_contents(version, &columns),
        columns: Columns::Only(columns),
    }))
}

fn same_settings(facts: &Facts, version: &Version, catalogue: &dyn LedgerRead) -> Result<bool, PlanError> {
    if version.definition == facts.definition {
        return Ok(true);
    }
    let now = &facts.document.definition;
    Ok(catalogue.definition(&version.definition)?.is_some_and(|before| {
        let before = before.definition;
        before.kind == now.kind && before.engine == now.engine && before.settings == now.settings
    }))
}

/// Returns the columns that stay the same; `None` if the rows may differ.
fn same_columns(
    facts: &Facts,
    now: &Shape,
    version: &Version,
    before: &Shape,
    contents: &Inputs,
) -> Option<BTreeSet<String>> {
    let same_inputs = |reads: &crate::model::Reads| {
        reads.iter().all(|(input, columns)| {
            let state =
                input.parse::<AssetName>().ok().and_then(|name| Some((version.input(&name)?, contents.get(&name)?)));
            state.and_then(|(read, state)| state.same_as_read(read)).is_some_and(|same| same.include(columns))
        })
    };
    let whole = before.outputs.len() == version.schema.0.len() && now.outputs.len() == facts.schema.0.len();
    if !whole || before.rows != now.rows || !same_inputs(&now.rows.reads) {
        return None;
    }
    let old: Vec<_> = version.schema.0.iter().zip(&before.outputs).collect();
    let same = facts.schema.0.iter().zip(&now.outputs).filter(|(column, part)| {
        let before = old.iter().any(|(other, before)| *other == *column && *before == *part);
        before && same_inputs(&part.reads)
    });
    Some(same.map(|(column, _)| column.name.clone()).collect())
}

fn certain_contents(version: &Version, columns: &BTreeSet<String>) -> ContentLists {
    ContentLists {
        // An asset that reads all columns also reads columns that are added.
        whole: None,
        // The order of rows is not proven either.
        bytes: None,
        lists: version.lists.iter().filter(|list| list.columns.is_subset(columns)).cloned().collect(),
    }
}

/// Returns what is certain of a view over a table that will be rebuilt.
pub(super) fn certain_view(contents: ContentLists, other_columns_than: Option<VersionId>) -> Input {
    let certain = (!contents.lists.is_empty()).then_some(Certain {
        same_as: None,
        columns: Columns::All,
        contents,
    });
    Input::Pending {
        certain,
        other_columns_than,
    }
}
