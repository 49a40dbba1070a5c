//! Describes the difference between two queries in terms of SQL: outputs and clauses.

use std::collections::{BTreeMap, BTreeSet};

use super::outline::{Common, Outline, Output, Select};
use crate::model::Digest;

/// Returns the parts in which two queries differ, such as "`amount`", "WHERE"; empty if they are equal.
pub fn parts(before: &Outline, after: &Outline) -> Vec<String> {
    let mut parts = Vec::new();
    queries(before, after, "", &mut parts);
    parts
}

/// Returns the columns of the result that differ, if the queries differ only in their select lists and each column
/// there has a name.
pub fn outputs_only(before: &Outline, after: &Outline) -> Option<BTreeSet<String>> {
    let (before, after) = (before.select.as_ref()?, after.select.as_ref()?);
    if before.rest != after.rest {
        return None;
    }
    let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (named(&before.outputs)?.into_iter().collect(), named(&after.outputs)?.into_iter().collect());
    let changed = new.iter().filter(|(name, digest)| old.get(*name) != Some(digest)).map(|(name, _)| name);
    let removed = old.keys().filter(|name| !new.contains_key(*name));
    Some(changed.chain(removed).map(|name| (*name).to_owned()).collect())
}

fn queries(before: &Outline, after: &Outline, within: &str, parts: &mut Vec<String>) {
    if before.digest == after.digest {
        return;
    }
    let (Some(left), Some(right)) = (&before.select, &after.select) else {
        add(parts, format!("the query{within}"));
        return;
    };
    outputs(left, right, within, parts);
    for ((clause, old), (_, new)) in left.clauses.iter().zip(&right.clauses) {
        if old != new {
            add(parts, format!("{clause}{within}"));
        }
    }
    common_tables(&left.common, &right.common, within, parts);
    if parts.is_empty() {
        add(parts, format!("the query{within}"));
    }
}

fn add(parts: &mut Vec<String>, part: String) {
    if !parts.contains(&part) {
        parts.push(part);
    }
}

/// Returns the outputs with their names; `None` if one has no name.
fn named(outputs: &[Output]) -> Option<Vec<(&str, &Digest)>> {
    outputs.iter().map(|output| Some((output.name.as_deref()?, &output.digest))).collect()
}

fn find<'a>(outputs: &[(&str, &'a Digest)], name: &str) -> Option<&'a Digest> {
    outputs.iter().find(|(other, _)| *other == name).map(|(_, digest)| *digest)
}

fn outputs(before: &Select, after: &Select, within: &str, parts: &mut Vec<String>) {
    if before.outputs == after.outputs {
        return;
    }
    let (Some(left), Some(right)) = (named(&before.outputs), named(&after.outputs)) else {
        add(parts, format!("the select list{within}"));
        return;
    };
    let before_count = parts.len();
    for (name, digest) in &right {
        match find(&left, name) {
            None => add(parts, format!("`{name}` added{within}")),
            Some(other) if other != *digest => add(parts, format!("`{name}`{within}")),
            Some(_) => {}
        }
    }
    for (name, _) in &left {
        if find(&right, name).is_none() {
            add(parts, format!("`{name}` removed{within}"));
        }
    }
    if parts.len() == before_count {
        add(parts, format!("the order of columns{within}"));
    }
}

fn common_tables(left: &[Common], right: &[Common], within: &str, parts: &mut Vec<String>) {
    for new in right {
        let name = &new.name;
        match left.iter().find(|old| old.name == *name) {
            None => add(parts, format!("WITH `{name}` added{within}")),
            Some(old) if old.digest == new.digest => {}
            Some(old) if old.query.digest == new.query.digest => add(parts, format!("WITH `{name}`{within}")),
            Some(old) => queries(&old.query, &new.query, &format!(" in `{name}`{within}"), parts),
        }
    }
    for old in left {
        if !right.iter().any(|new| new.name == old.name) {
            add(parts, format!("WITH `{}` removed{within}", old.name));
        }
    }
    let is_reordered = left.len() == right.len() && left.iter().zip(right).any(|(old, new)| old.name != new.name);
    if is_reordered && parts.is_empty() {
        add(parts, format!("the order of WITH{within}"));
    }
}
