//! Describes the difference between two definitions.

use std::collections::BTreeSet;

use similar::{ChangeTag, TextDiff};

use super::{Reason, SqlChange};
use crate::base::text;
use crate::definition::{CommandDefinition, DefinitionDocument};
use crate::facts::{Analysis, Facts};
use crate::model::Version;
use crate::project::{Asset, Project};
use crate::sql::outline::Outline;
use crate::sql::{Names, SqlText, difference};

/// Returns the reason why the definition changed, and the edit of the query if there is one.
///
/// `before` is the definition of the published version; without it the reason has no details.
pub(super) fn definition_change(
    project: &Project,
    asset: &Asset,
    facts: &Facts,
    before: Option<&DefinitionDocument>,
    analysis: &Analysis,
) -> (Reason, Option<SqlChange>) {
    let mut changes = Vec::new();
    let mut edit = None;
    let mut file = asset.file.path().to_owned();
    let mut line = asset.line(asset.span.start);
    if let Some(before) = before {
        let after = &facts.document;
        if before.definition.query != after.definition.query {
            let variables = changed_variables(before, after);
            // Without the outlines, an edit is described in less detail, but still counts.
            let outlines = outline_before(asset, before, analysis).zip(analysis.outline(asset));
            changes.push(query_change(before, after, &variables, outlines.as_ref()));
            if let (Some(old), Some(query)) = (&before.written.sql, asset.query()) {
                let new = query.sql.written();
                let first = query.sql.first_line();
                query.sql.file().path().clone_into(&mut file);
                let edited = first_changed_line(old, new);
                line = first + edited.unwrap_or(0);
                if let (None, Some(name)) = (edited, variables.first())
                    && let Some(place) = line_of_variable(project, name)
                {
                    project.file.path().clone_into(&mut file);
                    line = place;
                }
                if old != new {
                    edit = Some(SqlChange {
                        before: old.clone(),
                        after: new.to_owned(),
                        file: file.clone(),
                        line: first,
                        outputs: outlines.as_ref().and_then(|(before, after)| difference::outputs_only(before, after)),
                    });
                }
            }
        }
        if let Some(command) = asset.command() {
            line = asset.line(command.run_span.start);
        }
        let others = other_changes(before, after);
        if let (None, Some(first)) = (&edit, others.first())
            && changes.is_empty()
        {
            line = line_of(asset, first).unwrap_or(line);
        }
        changes.extend(others);
    }
    (Reason::DefinitionChanged { changes, file, line }, edit)
}

/// Returns the outline of the previous query, from its text.
fn outline_before(asset: &Asset, before: &DefinitionDocument, analysis: &Analysis) -> Option<Outline> {
    let written = before.written.sql.as_deref()?;
    let names = Names {
        variables: &before.written.variables,
        this: Some(&asset.name),
    };
    let sql = SqlText::new(written, &asset.file, 0..0, None, &names).ok()?;
    analysis.trees.as_ref()?.outline(sql.text())
}

/// Returns the reason for a new version with the same rows: the place of its file changed.
pub(super) fn export_moved(asset: &Asset, published: &Version) -> Reason {
    let or_nowhere = |paths: Vec<&str>| if paths.is_empty() { "nowhere".to_owned() } else { text::and(paths) };
    let before = or_nowhere(published.placed().map(|(path, _)| path.as_str()).collect());
    let after = or_nowhere(asset.placed().map(|(path, _)| path).collect());
    Reason::DefinitionChanged {
        changes: vec![format!("the file path is {after} and was {before}")],
        file: asset.file.path().to_owned(),
        line: asset.line(asset.materialize_span.start),
    }
}

/// Returns the line of the key that a change is about, if it is in the asset's file.
fn line_of(asset: &Asset, change: &str) -> Option<usize> {
    let column = change.strip_prefix("type of `").and_then(|rest| rest.split('`').next());
    if let Some(column) = column {
        let contract = asset.columns.iter().find(|contract| contract.name == column)?;
        let span = contract.data_type.as_ref().map_or(&contract.span, |(_, span)| span);
        return Some(asset.line(span.start));
    }
    let key = match change.split(' ').next()? {
        "materialize" => return Some(asset.line(asset.materialize_span.start)),
        "option" => "options",
        key => key,
    };
    let position = asset.file.text().lines().position(|line| {
        let line = line.trim_start().trim_start_matches("[source.");
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', ']']))
    })?;
    Some(position + 1)
}

/// Returns the names of the variables that the query uses and whose values changed.
fn changed_variables(before: &DefinitionDocument, after: &DefinitionDocument) -> Vec<String> {
    let old = &before.written.variables;
    let changed =
        after.written.variables.iter().filter(|(name, value)| old.get(*name).is_some_and(|old| old != *value));
    changed.map(|(name, _)| name.clone()).collect()
}

/// Returns the line of `dp.toml` that sets a variable; `None` if the command line sets it.
fn line_of_variable(project: &Project, name: &str) -> Option<usize> {
    if project.settings.set_variables.contains(name) {
        return None;
    }
    let position =
        project.file.text().lines().position(|line| {
            line.trim_start().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
        })?;
    Some(position + 1)
}

fn query_change(
    before: &DefinitionDocument,
    after: &DefinitionDocument,
    variables: &[String],
    outlines: Option<&(Outline, Outline)>,
) -> String {
    let parts = outlines.map(|(before, after)| difference::parts(before, after)).unwrap_or_default();
    let sql = if parts.is_empty() { "sql changed".to_owned() } else { format!("sql changed: {}", parts.join(", ")) };
    if variables.is_empty() {
        return sql;
    }
    let variables: Vec<_> = variables
        .iter()
        .map(|name| {
            let value = |document: &DefinitionDocument| document.written.variables[name].to_string();
            format!("variable `{name}` is {} and was {}", value(after), value(before))
        })
        .collect();
    let variables = variables.join("; ");
    let edited = match (&before.written.sql, &after.written.sql) {
        (Some(before), Some(after)) => first_changed_line(before, after).is_some(),
        _ => true,
    };
    if edited { format!("{variables}; {sql}") } else { variables }
}

/// Returns the number of lines before the first edited one; `None` if only blanks and comments differ.
pub(super) fn first_changed_line(before: &str, after: &str) -> Option<usize> {
    let diff = TextDiff::from_lines(before, after);
    let mut line = 0;
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => line = change.new_index().map_or(line, |index| index + 1),
            ChangeTag::Delete | ChangeTag::Insert => {
                let text = change.value().trim();
                if !text.is_empty() && !text.starts_with("--") {
                    return Some(line);
                }
                if change.tag() == ChangeTag::Insert {
                    line += 1;
                }
            }
        }
    }
    None
}

fn other_changes(before: &DefinitionDocument, after: &DefinitionDocument) -> Vec<String> {
    let (old, new) = (&before.definition, &after.definition);
    let mut changes = Vec::new();
    if let (Some(old), Some(new)) = (&old.command, &new.command) {
        command_changes(old, new, &mut changes);
    }
    if old.output != new.output && old.output.is_some() && new.output.is_some() {
        changes.push("output changed".to_owned());
    }
    let mut note = |what: &str, old: &str, new: &str| {
        if old != new {
            changes.push(format!("{what} is {new} and was {old}"));
        }
    };
    note("kind", &old.kind, &new.kind);
    note("materialize", &old.materialize, &new.materialize);
    note("engine", &old.engine, &new.engine);
    note("depends_on", &format!("[{}]", old.depends_on.join(", ")), &format!("[{}]", new.depends_on.join(", ")));
    let format = |definition: &crate::definition::Definition| {
        definition.format.map(|format| format!("{format:?}").to_lowercase()).unwrap_or_default()
    };
    note("format", &format(old), &format(new));
    named_changes(
        "setting",
        old.settings.iter().map(|(name, value)| (name.clone(), value.clone())),
        new.settings.iter().map(|(name, value)| (name.clone(), value.clone())),
        &mut changes,
    );
    named_changes(
        "option",
        old.options.iter().map(|(name, value)| (name.clone(), value.sql())),
        new.options.iter().map(|(name, value)| (name.clone(), value.sql())),
        &mut changes,
    );
    named_changes(
        "type of",
        old.types.iter().map(|(name, value)| (name.clone(), value.clone())),
        new.types.iter().map(|(name, value)| (name.clone(), value.clone())),
        &mut changes,
    );
    changes
}

/// Adds the differences between two programs. Values of environment variables are not shown, only that they differ.
fn command_changes(old: &CommandDefinition, new: &CommandDefinition, changes: &mut Vec<String>) {
    if old.run != new.run {
        changes.push(format!("run is {:?} and was {:?}", new.run, old.run));
    }
    for (path, hash) in &new.code {
        match old.code.get(path) {
            None => changes.push(format!("files: {path} added")),
            Some(before) if before != hash => changes.push(format!("{path} changed")),
            Some(_) => {}
        }
    }
    changes.extend(
        old.code.keys().filter(|path| !new.code.contains_key(*path)).map(|path| format!("files: {path} removed")),
    );
    if old.program != new.program {
        changes.push(format!("the program is {} and was {}", new.program, old.program));
    } else if old.program_hash != new.program_hash {
        changes.push(format!("the program {} changed", new.program));
    }
    if old.inputs != new.inputs {
        changes.push(format!("inputs is [{}] and was [{}]", new.inputs.join(", "), old.inputs.join(", ")));
    }
    if old.input_format != new.input_format {
        changes.push(format!(
            "input_format is {} and was {}",
            new.input_format.extension(),
            old.input_format.extension()
        ));
    }
    let text = |value: &crate::model::Template| format!("{value:?}");
    for name in new.environment.keys().chain(old.environment.keys()).collect::<BTreeSet<_>>() {
        match (old.environment.get(name), new.environment.get(name)) {
            (None, _) => changes.push(format!("env `{name}` added")),
            (_, None) => changes.push(format!("env `{name}` removed")),
            (Some(before), Some(after)) if text(before) != text(after) => changes.push(format!("env `{name}` changed")),
            _ => {}
        }
    }
    for (name, value) in &new.secrets {
        if old.secrets.get(name).is_some_and(|before| before != value) {
            changes.push(format!("the value of ${name} changed"));
        }
    }
    named_changes(
        "variable",
        old.variables.iter().map(|(name, value)| (name.clone(), value.to_string())),
        new.variables.iter().map(|(name, value)| (name.clone(), value.to_string())),
        changes,
    );
    if old.working_dir != new.working_dir {
        changes.push("working_dir changed".to_owned());
    }
    if (&old.output, &old.outputs, &old.files) != (&new.output, &new.outputs, &new.files) {
        changes.push("output changed".to_owned());
    }
}

fn named_changes(
    what: &str,
    old: impl Iterator<Item = (String, String)>,
    new: impl Iterator<Item = (String, String)>,
    changes: &mut Vec<String>,
) {
    let old: Vec<_> = old.collect();
    let new: Vec<_> = new.collect();
    for (name, value) in &new {
        match old.iter().find(|(other, _)| other == name) {
            None => changes.push(format!("{what} `{name}` added")),
            Some((_, other)) if other != value => changes.push(format!("{what} `{name}` is {value} and was {other}")),
            Some(_) => {}
        }
    }
    for (name, _) in &old {
        if !new.iter().any(|(other, _)| other == name) {
            changes.push(format!("{what} `{name}` removed"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_the_first_edit_which_is_no_comment() {
        assert_eq!(first_changed_line("a\nb\nc\n", "-- note\na\nb\nd\n"), Some(3));
        assert_eq!(first_changed_line("a\nb\n", "a\n"), Some(1));
        assert_eq!(first_changed_line("a\n", "a\n-- note\n"), None);
    }
}
