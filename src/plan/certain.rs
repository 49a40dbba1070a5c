//! What is certain of a table that is yet to be rebuilt: static cut-off.

use std::collections::BTreeSet;

use super::decide::{Certain, Contents, InputState};
use super::{PlanError, Reason};
use crate::project::{Asset, AssetName};
use crate::sql::Columns;
use crate::state::{Analysis, Catalogue, ContentLists, Facts, Published, Shape, Version};

/// The columns in which a rebuild gives the rows that are published, with the proof's limits:
///
/// - what is published was computed, and not taken over from what somebody made by hand;
/// - both queries are deterministic, under the same settings and the same engine, over the same files;
/// - which rows there are is decided by the same text, over inputs that are the same in what is read for it;
/// - the column has the same name, type and text, over inputs that are the same in what is read for it;
/// - it follows the others of these columns as it did.
///
/// `None` if not even the number of rows is certain. Whoever forces a rebuild, or has lost the data, doubts what is
/// published: nothing is certain then.
pub(super) fn certain(
    asset: &Asset,
    facts: &Facts,
    published: &Published,
    contents: &Contents,
    reasons: &[Reason],
    (analysis, catalogue): (&Analysis, &dyn Catalogue),
) -> Result<Option<Certain>, PlanError> {
    let version = &published.version;
    let by_meaning = reasons.iter().all(|reason| {
        matches!(reason, Reason::DefinitionChanged { .. } | Reason::InputChanged { .. } | Reason::InputMayChange { .. })
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
    let before = if facts.plan.as_ref() == Some(plan) { Some(now.clone()) } else { catalogue.shape(plan)? };
    let Some(before) = before else {
        return Ok(None);
    };
    Ok(same_columns(facts, now, version, &before, contents).map(|columns| Certain {
        same_as: Some(version.id.clone()),
        contents: certain_contents(version, &columns),
        columns: Columns::Only(columns),
    }))
}

fn same_files(facts: &Facts, version: &Version) -> bool {
    let read = version.inputs.iter().filter(|input| input.version.is_none());
    let before: BTreeSet<_> = read.map(|input| (input.name.as_str(), input.content.as_ref())).collect();
    let now: BTreeSet<_> = facts.files.iter().map(|file| (file.path.as_str(), Some(&file.hash))).collect();
    before == now
}

fn same_settings(facts: &Facts, version: &Version, catalogue: &dyn Catalogue) -> Result<bool, PlanError> {
    if version.definition == facts.definition {
        return Ok(true);
    }
    let now = &facts.document.definition;
    Ok(catalogue.definition(&version.definition)?.is_some_and(|before| {
        let before = before.definition;
        before.kind == now.kind && before.engine == now.engine && before.settings == now.settings
    }))
}

/// The columns that come out the same; `None` if the rows may not.
fn same_columns(
    facts: &Facts,
    now: &Shape,
    version: &Version,
    before: &Shape,
    contents: &Contents,
) -> Option<BTreeSet<String>> {
    let same_inputs = |reads: &crate::sql::Reads| {
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
    let places = facts.schema.0.iter().zip(&now.outputs).filter_map(|(column, part)| {
        let before = old.iter().position(|(other, before)| *other == column && *before == part)?;
        same_inputs(&part.reads).then(|| (before, column.name.clone()))
    });
    Some(in_the_old_order(places.collect()))
}

/// Most of these columns that follow each other as they did. C of a list depends on the order of its columns in the
/// table, so of two that changed places at most one can count as the same.
///
/// `places` has each column's old position, in the new order. A longest increasing subsequence (Fredman 1975), by
/// comparing all pairs: tables have few columns.
fn in_the_old_order(places: Vec<(usize, String)>) -> BTreeSet<String> {
    let mut longest: Vec<(usize, Option<usize>)> = Vec::with_capacity(places.len());
    for (index, (place, _)) in places.iter().enumerate() {
        let before = (0..index).filter(|before| places[*before].0 < *place).max_by_key(|before| longest[*before].0);
        longest.push((before.map_or(1, |before| longest[before].0 + 1), before));
    }
    let mut next = (0..places.len()).max_by_key(|index| longest[*index].0);
    let mut kept = BTreeSet::new();
    while let Some(index) = next {
        kept.insert(places[index].1.clone());
        next = longest[index].1;
    }
    kept
}

fn certain_contents(version: &Version, columns: &BTreeSet<String>) -> ContentLists {
    let all = version.contents();
    ContentLists {
        // What reads everything reads columns to come, too.
        whole: None,
        // Nor is anything proven of the order of rows.
        bytes: None,
        names: BTreeSet::new(),
        lists: all
            .lists
            .into_iter()
            .chain(all.whole.filter(|_| !all.names.is_empty()).map(|whole| crate::state::ListContent {
                columns: all.names,
                content: whole,
            }))
            .filter(|list| list.columns.is_subset(columns))
            .collect(),
    }
}

/// What is certain of a view that is computed from something that is yet to be rebuilt.
pub(super) fn certain_view(contents: ContentLists) -> InputState {
    let certain = (!contents.lists.is_empty()).then_some(Certain {
        same_as: None,
        columns: Columns::All,
        contents,
    });
    InputState::Unknown { certain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(places: &[(usize, &str)]) -> Vec<String> {
        in_the_old_order(places.iter().map(|(place, name)| (*place, (*name).to_owned())).collect())
            .into_iter()
            .collect()
    }

    #[test]
    fn of_columns_that_changed_places_one_stays() {
        assert_eq!(kept(&[(0, "a"), (1, "b"), (2, "c")]), ["a", "b", "c"]);
        assert_eq!(kept(&[(1, "b"), (0, "a"), (2, "c")]).len(), 2);
        assert_eq!(kept(&[(2, "c"), (0, "a"), (1, "b")]), ["a", "b"]);
        assert_eq!(kept(&[(1, "b"), (0, "a")]).len(), 1);
        assert_eq!(kept(&[]), [""; 0]);
    }
}
