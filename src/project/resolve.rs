//! Converts an asset file to an [`Asset`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use super::asset::{AssetKind, ColumnContract, Materialize, OnSchemaChange, Query, Refresh, Source};
use super::check::{Check, CheckKind};
use super::command::{Judgement, OutputTable};
use super::resolve_export::{export_style, no_format};
use super::shape::{Placed, Section, option_value, scalar};
use super::{Asset, ProjectError, keys, resolve_command, toml_string};
use crate::base::diagnostic::{Problem, Problems, SourceFile, Span};
use crate::base::{fs, text};
use crate::model::{AssetName, ExportFormat, Format, OptionValue, Scalar, Severity, normal};
use crate::sql::{Names, SqlText};

/// The context for an asset file.
pub(super) struct Context<'a> {
    pub root: &'a Path,
    pub variables: &'a BTreeMap<String, Scalar>,
    pub default_materialize: &'a Materialize,
    pub default_judgement: Judgement,
}

/// Returns the asset that a file declares; `None` if it has a mistake, which goes to `problems`.
pub(super) fn asset(
    top: &Section<'_>,
    name: AssetName,
    file: &SourceFile,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Asset> {
    let before = problems.error_count();
    let kind_word = top.required_string("kind", "kind = \"sql\"", problems);
    let kind_span = kind_word.as_ref().map_or_else(|| top.span.clone(), |word| word.span.clone());
    let kind = kind_word.and_then(|word| kind(top, &word, &name, file, context, problems));
    let materialize = materialize(top, kind.as_ref(), file, context, problems);
    let (columns, mut checks) = columns(top, file, problems);
    for section in top.tables("checks", &keys::CHECK, problems) {
        checks.extend(table_check(&section, &name, file, context, problems));
    }
    name_checks_apart(&checks, file, problems);
    if matches!(kind, Some(AssetKind::Sql(_))) {
        only_for_files(top, file, problems);
    }
    let asset = Asset {
        description: top.string("description", problems).map(|text| text.value),
        owner: top.string("owner", problems).map(|text| text.value),
        tags: top.strings("tags", problems).into_iter().map(|tag| tag.value).collect::<BTreeSet<_>>(),
        refresh: refresh(top, problems),
        protect: top.boolean("protect", problems).unwrap_or(false),
        moved_from: moved_from(top, &name, file, problems),
        depends_on: depends_on(top, kind.as_ref(), file, problems),
        materialize,
        materialize_span: if top.get("materialize").is_some() {
            top.key_span("materialize")
        } else {
            kind_span.clone()
        },
        columns,
        checks,
        name,
        file: file.clone(),
        span: kind_span,
        kind: kind?,
    };
    (problems.error_count() == before).then_some(asset)
}

fn kind(
    top: &Section<'_>,
    word: &Placed<String>,
    name: &AssetName,
    file: &SourceFile,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<AssetKind> {
    match word.value.as_str() {
        "source" => {
            not_for(top, "source", &["sql", "sql_file"], file, problems);
            not_for(top, "source", &OF_COMMANDS, file, problems);
            source(top, file, problems).map(AssetKind::Source)
        }
        "sql" => {
            not_for(top, "sql", &["source"], file, problems);
            not_for(top, "sql", &OF_COMMANDS, file, problems);
            query(top, name, file, context, problems).map(AssetKind::Sql)
        }
        "command" => {
            not_for(top, "command", &["sql", "sql_file", "source"], file, problems);
            resolve_command::command(top, name, file, context, problems)
                .map(|command| AssetKind::Command(Box::new(command)))
        }
        other => {
            let help = text::did_you_mean(other, ["source", "sql", "command"])
                .unwrap_or_else(|| "write `source`, `sql` or `command`".to_owned());
            let error = ProjectError::UnknownKind {
                kind: other.to_owned(),
                help,
                span: word.span.clone(),
            };
            problems.push(Problem::in_file(file, error));
            None
        }
    }
}

/// Keys that only commands have.
const OF_COMMANDS: [&str; 6] = ["command", "output", "outputs", "files", "effects", "allow"];

/// Returns the names of the tables of a command with mistakes.
pub(super) fn output_names(top: &Section<'_>, command: &AssetName) -> Vec<(AssetName, Span, Option<Asset>)> {
    let entries = top.entries("outputs", &mut Problems::new());
    let named = entries.into_iter().filter_map(|(name, _)| {
        let asset = AssetName::new(command.schema(), &name.value).ok()?;
        Some((asset, name.span, None))
    });
    named.collect()
}

/// Returns the tables of a command that are separate assets, with their places; `None` for a table with mistakes.
pub(super) fn outputs(
    top: &Section<'_>,
    command: &Asset,
    file: &SourceFile,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Vec<(AssetName, Span, Option<Asset>)> {
    let mut assets = Vec::new();
    for (name, table, section) in resolve_command::output_tables(top, &command.name, file, problems) {
        let span = section.span.clone();
        let before = problems.error_count();
        let asset = output(&section, name.clone(), table, command, context, problems);
        assets.push((name, span, (problems.error_count() == before).then_some(asset)));
    }
    assets
}

fn output(
    section: &Section<'_>,
    name: AssetName,
    table: OutputTable,
    command: &Asset,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Asset {
    let file = &command.file;
    let (columns, mut checks) = columns(section, file, problems);
    for check in section.tables("checks", &keys::CHECK, problems) {
        checks.extend(table_check(&check, &name, file, context, problems));
    }
    name_checks_apart(&checks, file, problems);
    Asset {
        description: section.string("description", problems).map(|text| text.value),
        owner: command.owner.clone(),
        tags: command.tags.clone(),
        refresh: None,
        protect: command.protect,
        moved_from: Vec::new(),
        depends_on: Vec::new(),
        materialize: Materialize::Table,
        materialize_span: section.span.clone(),
        columns,
        checks,
        name,
        file: file.clone(),
        span: section.span.clone(),
        kind: AssetKind::Output(table),
    }
}

fn not_for(top: &Section<'_>, kind: &str, keys: &[&str], file: &SourceFile, problems: &mut Problems) {
    for key in keys {
        if top.get(key).is_some() {
            let error = ProjectError::KeyOfOtherKind {
                key: (*key).to_owned(),
                kind: kind.to_owned(),
                span: top.key_span(key),
            };
            problems.push(Problem::in_file(file, error));
        }
    }
}

fn source(top: &Section<'_>, file: &SourceFile, problems: &mut Problems) -> Option<Source> {
    let Some(section) = top.section("source", &keys::SOURCE, problems) else {
        if top.get("source").is_none() {
            problems.push(top.missing("source", "[source]\npath = \"data/orders.csv\""));
        }
        return None;
    };
    let path = section.required_string("path", "path = \"data/orders.csv\"", problems);
    let written = section.word("format", &Format::WORDS, problems);
    let options = options(&section, problems);
    let on_schema_change = section.word("on_schema_change", &OnSchemaChange::WORDS, problems).unwrap_or_default();
    let path = path?;
    stays_inside(&path, file, problems)?;
    let format = match written.or_else(|| Format::of_path(&path.value)) {
        Some(format) => format,
        None if section.get("format").is_some() => return None,
        None => {
            problems.push(no_format(&section, "path", &path));
            return None;
        }
    };
    Some(Source {
        path: path.value,
        path_span: path.span,
        format,
        options,
        on_schema_change,
    })
}

/// Returns the options of a reader, by name.
pub(super) fn options(section: &Section<'_>, problems: &mut Problems) -> Vec<(String, OptionValue)> {
    let mut options = Vec::new();
    for (name, value) in section.entries("options", problems) {
        match option_value(value.get_ref()) {
            Some(value) => options.push((name.value, value)),
            None => problems.push(section.wrong_type(&name.value, "a string, number, boolean, array or table", value)),
        }
    }
    options.sort_by(|(left, _), (right, _)| left.cmp(right));
    options
}

/// Reports a path that is absolute, contains `..` or starts with `~`.
pub(super) fn stays_inside(path: &Placed<String>, file: &SourceFile, problems: &mut Problems) -> Option<()> {
    let inside = !path.value.is_empty()
        && !path.value.contains('\0')
        && path.value.split('/').next() != Some("~")
        && Path::new(&path.value).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside {
        let error = ProjectError::Outside {
            path: path.value.clone(),
            span: path.span.clone(),
        };
        problems.push(Problem::in_file(file, error));
    }
    inside.then_some(())
}

fn query(
    top: &Section<'_>,
    name: &AssetName,
    file: &SourceFile,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Query> {
    let sql = top.string("sql", problems);
    let sql_file = top.string("sql_file", problems);
    let names = Names {
        variables: context.variables,
        this: None,
    };
    let text = match (sql, sql_file) {
        (Some(first), Some(second)) => {
            let error = ProjectError::ExclusiveKeys {
                first: "sql".to_owned(),
                second: "sql_file".to_owned(),
                first_span: first.span,
                second_span: second.span,
            };
            problems.push(Problem::in_file(file, error));
            return None;
        }
        (Some(sql), None) => {
            warn_of_escapes(&sql, file, problems);
            inline_sql(&sql, file, &names)
        }
        (None, Some(path)) => {
            stays_inside(&path, file, problems)?;
            match external_sql(&path, context.root, &names) {
                Ok(text) => text,
                Err(error) => {
                    problems.push(Problem::in_file(file, *error));
                    return None;
                }
            }
        }
        (None, None) => {
            if top.get("sql").is_none() && top.get("sql_file").is_none() {
                let example = format!("sql = \"select … from …\"` or `sql_file = \"sql/{}.sql\"", name.table());
                problems.push(top.missing("sql", &example));
            }
            return None;
        }
    };
    match text {
        Ok(sql) => Some(Query { sql }),
        Err(more) => {
            problems.extend(more);
            None
        }
    }
}

/// Warns of escapes that look like a part of a regular expression: TOML silently converts `"\b"` to a control
/// character.
fn warn_of_escapes(sql: &Placed<String>, file: &SourceFile, problems: &mut Problems) {
    for (char, escape, what) in [('\u{8}', 'b', "backspace"), ('\u{c}', 'f', "form feed")] {
        if sql.value.contains(char) {
            let span = sql.span.clone();
            problems.push(Problem::in_file(file, ProjectError::Escape { what, escape, span }));
        }
    }
}

fn inline_sql(sql: &Placed<String>, file: &SourceFile, names: &Names<'_>) -> Result<SqlText, Problems> {
    let origins = toml_string::origins(file.text(), sql.span.clone(), &sql.value);
    SqlText::new(&sql.value, file, sql.span.clone(), origins.as_deref(), names)
}

/// Returns the path of a file that dp writes in the form for comparisons. A path that ends with `/` is refused
/// elsewhere.
pub(super) fn one_form(path: String) -> String {
    if path.ends_with('/') { path } else { normal(&path).to_string_lossy().into_owned() }
}

fn external_sql(
    path: &Placed<String>,
    root: &Path,
    names: &Names<'_>,
) -> Result<Result<SqlText, Problems>, Box<ProjectError>> {
    let absolute = root.join(&path.value);
    let resolved = fs::canonicalize(&absolute).map_err(|_| ProjectError::MissingFile {
        path: path.value.clone(),
        span: path.span.clone(),
    })?;
    if !resolved.starts_with(root) {
        return Err(Box::new(ProjectError::Outside {
            path: path.value.clone(),
            span: path.span.clone(),
        }));
    }
    let text = fs::read_to_string(&resolved).map_err(|error| ProjectError::BadValue {
        key: "sql_file".to_owned(),
        value: path.value.clone(),
        help: format!("dp can't read the file: {}; {}", error.source, error.advice()),
        span: path.span.clone(),
    })?;
    let file = SourceFile::new(path.value.as_str(), text.as_str());
    let origins: Vec<_> = (0..=text.len()).collect();
    Ok(SqlText::new(&text, &file, 0..text.len(), Some(&origins), names))
}

fn materialize(
    top: &Section<'_>,
    kind: Option<&AssetKind>,
    file: &SourceFile,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Materialize {
    let is_source = matches!(kind, Some(AssetKind::Source(_)));
    let is_command = matches!(kind, Some(AssetKind::Command(_)));
    let Some(value) = top.get("materialize") else {
        let is_stored = is_source || is_command;
        return if is_stored { Materialize::Table } else { context.default_materialize.clone() };
    };
    let has_table = match kind {
        Some(AssetKind::Command(command)) => command.output.is_some(),
        _ => true,
    };
    if !has_table || (is_command && value.get_ref().as_str() == Some("view")) {
        let help = "remove `materialize`, because dp always stores the output of a program; or export its table with `{ file = … }`";
        problems.push(top.bad_value("materialize", "view", help.to_owned(), value.span()));
        return Materialize::Table;
    }
    if value.get_ref().as_table().is_none() {
        let words = [("table", false), ("view", true)];
        return match top.word("materialize", &words, problems) {
            Some(true) => Materialize::View,
            _ => Materialize::Table,
        };
    }
    let Some(section) = top.section("materialize", &keys::FILE, problems) else {
        return Materialize::Table;
    };
    if is_source {
        let help =
            "write `\"table\"` (a snapshot) or `\"view\"` (read in place); to export a source, add an `sql` asset"
                .to_owned();
        problems.push(top.bad_value("materialize", "{ file }", help, value.span()));
    }
    let path = section.required_string("file", "file = \"out/orders.parquet\"", problems);
    let written = section.word("format", &ExportFormat::WORDS, problems);
    let Some(path) = path.filter(|path| stays_inside(path, file, problems).is_some()) else {
        return Materialize::Table;
    };
    let Some(format) = written.or_else(|| ExportFormat::of_path(&path.value)) else {
        if section.get("format").is_none() {
            problems.push(no_format(&section, "file", &path));
        }
        return Materialize::Table;
    };
    match export_style(&section, format, &path.value, problems) {
        Some(style) => Materialize::File {
            path: one_form(path.value),
            style,
        },
        None => Materialize::Table,
    }
}

fn refresh(top: &Section<'_>, problems: &mut Problems) -> Option<Refresh> {
    match top.get("refresh")?.get_ref().as_str() {
        Some("always") => Some(Refresh::Always),
        written => {
            let written = written.unwrap_or_default().to_owned();
            let seconds = top.duration("refresh", problems)?;
            Some(Refresh::After { seconds, written })
        }
    }
}

fn depends_on(
    top: &Section<'_>,
    kind: Option<&AssetKind>,
    file: &SourceFile,
    problems: &mut Problems,
) -> Vec<(AssetName, Span)> {
    let names = top.strings("depends_on", problems);
    if let (Some(AssetKind::Source(_)), false) = (kind, names.is_empty()) {
        not_for(top, "source", &["depends_on"], file, problems);
    }
    names.into_iter().filter_map(|name| asset_name(name, file, problems)).collect()
}

/// Returns the previous names of an asset.
fn moved_from(
    top: &Section<'_>,
    name: &AssetName,
    file: &SourceFile,
    problems: &mut Problems,
) -> Vec<(AssetName, Span)> {
    let names = top.string_or_strings("moved_from", problems);
    let names: Vec<_> = names.into_iter().filter_map(|name| asset_name(name, file, problems)).collect();
    names.into_iter().filter(|(before, span)| is_another_name(before, name, span, file, problems)).collect()
}

/// Whether a previous name differs from the current one; otherwise reports it.
fn is_another_name(
    before: &AssetName,
    name: &AssetName,
    span: &Span,
    file: &SourceFile,
    problems: &mut Problems,
) -> bool {
    if before != name {
        return true;
    }
    let error = ProjectError::MovedFrom {
        name: before.to_string(),
        why: "is the asset's current name".to_owned(),
        span: span.clone(),
    };
    problems.push(Problem::in_file(file, error));
    false
}

/// Parses a name that the user wrote, and reports an invalid one.
pub(super) fn asset_name(
    name: Placed<String>,
    file: &SourceFile,
    problems: &mut Problems,
) -> Option<(AssetName, Span)> {
    match name.value.parse() {
        Ok(parsed) => Some((parsed, name.span)),
        Err(source) => {
            let error = ProjectError::BadName {
                source,
                help: "write it as `schema.name`".to_owned(),
                span: name.span,
            };
            problems.push(Problem::in_file(file, error));
            None
        }
    }
}

fn columns(top: &Section<'_>, file: &SourceFile, problems: &mut Problems) -> (Vec<ColumnContract>, Vec<Check>) {
    let mut columns: Vec<ColumnContract> = Vec::new();
    let mut checks = Vec::new();
    let mut entries = top.entries("columns", problems);
    entries.sort_by_key(|(name, _)| name.span.start);
    for (name, value) in entries {
        let Some(table) = value.get_ref().as_table() else {
            problems.push(top.wrong_type(&name.value, "a table", value));
            continue;
        };
        let section = Section::new(table, name.span.clone(), &keys::COLUMN, file, problems);
        if let Some(first) = columns.iter().find(|column| column.name.eq_ignore_ascii_case(&name.value)) {
            let error = ProjectError::Duplicate {
                what: name.value.clone(),
                first: first.span.clone(),
                span: name.span.clone(),
            };
            problems.push(Problem::in_file(file, error));
        }
        column_checks(&section, &name.value, file, &mut checks, problems);
        let lenient = section.word("cast", &[("exact", false), ("lenient", true)], problems).unwrap_or(false);
        if lenient && section.get("type").is_none() {
            problems.push(section.missing("type", "type = \"INTEGER\""));
        }
        columns.push(ColumnContract {
            lenient,
            data_type: section.string("type", problems).map(|text| (text.value, text.span)),
            description: section.string("description", problems).map(|text| text.value),
            name: name.value,
            span: name.span,
        });
    }
    (columns, checks)
}

/// Reports `cast` in the columns of a query, which converts values itself.
fn only_for_files(top: &Section<'_>, file: &SourceFile, problems: &mut Problems) {
    for (_, value) in top.entries("columns", &mut Problems::new()) {
        if let Some(cast) = value.get_ref().as_table().and_then(|table| table.get("cast")) {
            let error = ProjectError::KeyOfOtherKind {
                key: "cast".to_owned(),
                kind: "sql".to_owned(),
                span: cast.span(),
            };
            problems.push(Problem::in_file(file, error));
        }
    }
}

fn column_checks(
    section: &Section<'_>,
    column: &str,
    file: &SourceFile,
    checks: &mut Vec<Check>,
    problems: &mut Problems,
) {
    let Some(value) = section.get("checks") else {
        return;
    };
    let expected = "an array of checks, such as [\"not_null\", { range = { min = 1 } }]";
    let Some(items) = value.get_ref().as_array() else {
        problems.push(section.wrong_type("checks", expected, value));
        return;
    };
    for item in items {
        if let Some(word) = item.get_ref().as_str() {
            let kind = match word {
                "not_null" => CheckKind::NotNull {
                    column: column.to_owned(),
                },
                "unique" => CheckKind::Unique {
                    columns: vec![column.to_owned()],
                },
                other => {
                    let help = text::did_you_mean(other, ["not_null", "unique"]).unwrap_or_else(|| {
                        "write `\"not_null\"`, `\"unique\"`, `{ range = … }` or `{ accepted_values = … }`".to_owned()
                    });
                    problems.push(section.bad_value("checks", other, help, item.span()));
                    continue;
                }
            };
            checks.push(Check {
                name: format!("{}({column})", kind.word()),
                severity: Severity::Error,
                kind,
                span: item.span(),
            });
        } else if let Some(table) = item.get_ref().as_table() {
            let section = Section::new(table, item.span(), &keys::COLUMN_CHECK, file, problems);
            checks.extend(column_check(&section, column, problems));
        } else {
            problems.push(section.wrong_type("checks", expected, item));
        }
    }
}

fn column_check(section: &Section<'_>, column: &str, problems: &mut Problems) -> Option<Check> {
    let word = only_one(section, &["not_null", "unique", "range", "accepted_values"], problems)?;
    let column_name = column.to_owned();
    let kind = match word {
        "range" => {
            let (min, max) = bounds(section, problems)?;
            CheckKind::Range {
                column: column_name,
                min,
                max,
            }
        }
        "accepted_values" => CheckKind::AcceptedValues {
            column: column_name,
            values: section.scalars("accepted_values", problems)?,
        },
        word => {
            if !section.boolean(word, problems)? {
                return None;
            }
            match word {
                "not_null" => CheckKind::NotNull { column: column_name },
                _ => CheckKind::Unique {
                    columns: vec![column_name],
                },
            }
        }
    };
    Some(finished_check(section, kind, format!("{word}({column})"), problems))
}

fn bounds(section: &Section<'_>, problems: &mut Problems) -> Option<(Option<Scalar>, Option<Scalar>)> {
    let range = section.section("range", &keys::RANGE, problems)?;
    let min = range.scalar("min", problems).map(|placed| placed.value);
    let max = range.scalar("max", problems).map(|placed| placed.value);
    if range.get("min").is_none() && range.get("max").is_none() {
        problems.push(range.missing("min", "min = 0"));
        return None;
    }
    Some((min, max))
}

/// Returns the single key that decides the kind of a check.
fn only_one(section: &Section<'_>, kinds: &[&'static str], problems: &mut Problems) -> Option<&'static str> {
    let given: Vec<_> = kinds.iter().copied().filter(|kind| section.get(kind).is_some()).collect();
    match given.as_slice() {
        [one] => Some(one),
        [] if section.has_unknown_keys() => None,
        [] => {
            let help = format!("add a condition: {}", text::or(kinds.iter().map(|kind| format!("`{kind}`"))));
            problems.push(section.problem(ProjectError::NoCheck {
                help,
                span: section.span.clone(),
            }));
            None
        }
        several => {
            let help = "write a separate check for each condition".to_owned();
            problems.push(section.bad_value("checks", &several.join(", "), help, section.span.clone()));
            None
        }
    }
}

fn finished_check(section: &Section<'_>, kind: CheckKind, default_name: String, problems: &mut Problems) -> Check {
    let severity = section.word("severity", &[("error", Severity::Error), ("warn", Severity::Warn)], problems);
    Check {
        name: section.string("name", problems).map_or(default_name, |name| name.value),
        severity: severity.unwrap_or_default(),
        kind,
        span: section.span.clone(),
    }
}

fn table_check(
    section: &Section<'_>,
    name: &AssetName,
    file: &SourceFile,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Check> {
    let values = |key: &str, problems: &mut Problems| -> Vec<String> {
        section.strings(key, problems).into_iter().map(|text| text.value).collect()
    };
    let word = only_one(section, &["sql", "unique", "references", "row_count", "freshness"], problems)?;
    let (kind, default_name) = match word {
        "sql" => {
            let sql = section.string("sql", problems)?;
            let names = Names {
                variables: context.variables,
                this: Some(name),
            };
            match inline_sql(&sql, file, &names) {
                Ok(sql) => (CheckKind::Sql { sql }, "sql".to_owned()),
                Err(more) => {
                    problems.extend(more);
                    return None;
                }
            }
        }
        "unique" => {
            let columns = values("unique", problems);
            if columns.is_empty() {
                problems.push(section.bad_value(
                    "unique",
                    "[]",
                    "name at least one column".to_owned(),
                    section.span.clone(),
                ));
                return None;
            }
            let name = format!("unique({})", columns.join(", "));
            (CheckKind::Unique { columns }, name)
        }
        "references" => references(section, file, problems)?,
        "row_count" => {
            let inner = section.section("row_count", &keys::ROW_COUNT, problems)?;
            let min = inner.integer("min", problems).map(|placed| placed.value);
            let max = inner.integer("max", problems).map(|placed| placed.value);
            if inner.get("min").is_none() && inner.get("max").is_none() {
                problems.push(inner.missing("min", "min = 1"));
                return None;
            }
            (CheckKind::RowCount { min, max }, "row_count".to_owned())
        }
        _ => {
            let inner = section.section("freshness", &keys::FRESHNESS, problems)?;
            let column = inner.required_string("column", "column = \"updated_at\"", problems);
            let max_age = inner.duration("max_age", problems);
            if inner.get("max_age").is_none() {
                problems.push(inner.missing("max_age", "max_age = \"24h\""));
            }
            let column = column?.value;
            let name = format!("freshness({column})");
            (
                CheckKind::Freshness {
                    column,
                    max_age: max_age?,
                },
                name,
            )
        }
    };
    Some(finished_check(section, kind, default_name, problems))
}

fn references(section: &Section<'_>, file: &SourceFile, problems: &mut Problems) -> Option<(CheckKind, String)> {
    let inner = section.section("references", &keys::REFERENCES, problems)?;
    let strings = |key: &str, problems: &mut Problems| -> Vec<String> {
        inner.strings(key, problems).into_iter().map(|text| text.value).collect()
    };
    let columns = strings("columns", problems);
    let mut to = strings("to", problems);
    let asset = inner.required_string("asset", "asset = \"raw.customers\"", problems);
    if columns.is_empty() {
        problems.push(inner.missing("columns", "columns = [\"customer_id\"]"));
        return None;
    }
    if inner.get("to").is_none() {
        to.clone_from(&columns);
    }
    if to.len() != columns.len() {
        let help = format!("name {} in `to`, in the same order", text::count(columns.len(), "column"));
        problems.push(inner.bad_value("to", &to.join(", "), help, inner.key_span("to")));
        return None;
    }
    let (asset, _) = asset_name(asset?, file, problems)?;
    let name = format!("references({} -> {asset})", columns.join(", "));
    Some((CheckKind::References { columns, asset, to }, name))
}

/// Reports two checks of one asset with the same name: the state distinguishes checks by name.
fn name_checks_apart(checks: &[Check], file: &SourceFile, problems: &mut Problems) {
    let mut seen: BTreeMap<&str, &Check> = BTreeMap::new();
    for check in checks {
        if let Some(first) = seen.insert(&check.name, check) {
            let error = ProjectError::Duplicate {
                what: check.name.clone(),
                first: first.span.clone(),
                span: check.span.clone(),
            };
            problems.push(Problem::in_file(file, error));
        }
    }
}

/// Returns the variables of a `[vars]` table, each with its value and place.
pub(super) fn variables(section: &Section<'_>, problems: &mut Problems) -> BTreeMap<String, (Scalar, Span)> {
    let mut variables = BTreeMap::new();
    for (name, value) in section.entries("vars", problems) {
        let valid =
            !name.value.is_empty() && name.value.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
        if !valid {
            let help = "use letters, digits and `_`".to_owned();
            problems.push(section.bad_value("vars", &name.value, help, name.span));
            continue;
        }
        match scalar(value.get_ref()) {
            Some(read) => {
                variables.insert(name.value, (read, value.span()));
            }
            None => problems.push(section.wrong_type(&name.value, "a string, number, boolean or date", value)),
        }
    }
    variables
}
