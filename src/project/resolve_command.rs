//! Converts an asset file to a [`Command`].

use std::collections::{BTreeMap, BTreeSet};

use super::command::{Allow, Command, Judgement, MadeFile, Output, OutputTable};
use super::resolve::{Context, asset_name, one_form, options, stays_inside};
use super::shape::{Placed, Section};
use super::{ProjectError, keys};
use crate::base::diagnostic::{Problem, Problems, SourceFile};
use crate::base::text;
use crate::model::{AssetName, ExportFormat, Format, Scalar, Template, is_variable};

/// Returns the program of asset `name`.
pub(super) fn command(
    top: &Section<'_>,
    name: &AssetName,
    file: &SourceFile,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Command> {
    let output = output(top, file, problems);
    let outputs = output_names(top, name, file, problems);
    let files = made_files(top, file, problems);
    let judgement = top.word("effects", &Judgement::WORDS, problems).unwrap_or(context.default_judgement);
    let allow = allow(top, file, problems);
    let Some(section) = top.section("command", &keys::COMMAND, problems) else {
        if top.get("command").is_none() {
            problems.push(top.missing("command", "[command]\nrun = [\"python3\", \"scripts/score.py\"]"));
        }
        return None;
    };
    let is_empty = output.is_none() && outputs.is_empty() && files.is_empty();
    if top.get("output").is_none() && is_empty {
        problems.push(top.missing("output", "[output]\nformat = \"parquet\""));
    }
    let run = run(&section, problems);
    let inputs: Vec<_> =
        section.strings("inputs", problems).into_iter().filter_map(|input| asset_name(input, file, problems)).collect();
    collisions(&section, "inputs", inputs.iter().map(|(name, span)| (input_variable(name), span.clone())), problems);
    collisions(&section, "files", files.iter().map(|made| (upper(&made.name), made.span.clone())), problems);
    if inputs.is_empty() && top.get("refresh").is_none() && section.get("inputs").is_none() {
        problems.push(top.missing(
            "refresh",
            "refresh = \"24h\"` (a command without `inputs` has no other reason to run again) or `refresh = \"always\"",
        ));
    }
    let code: Vec<_> = section
        .strings("files", problems)
        .into_iter()
        .filter_map(|path| stays_inside(&path, file, problems).map(|()| (path.value, path.span)))
        .collect();
    let working_dir = section
        .string("working_dir", problems)
        .filter(|path| stays_inside(path, file, problems).is_some())
        .map(|path| path.value);
    let environment_span = if section.get("env").is_some() { section.key_span("env") } else { section.key_span("run") };
    Some(Command {
        run_span: section.key_span("run"),
        run: run?,
        code,
        inputs,
        input_format: section.word("input_format", &INPUT_FORMATS, problems).unwrap_or(ExportFormat::Parquet),
        variables: variables(&section, context.variables, problems),
        environment: environment(&section, problems),
        environment_span,
        timeout: section.duration("timeout", problems),
        retries: section.integer("retries", problems).map_or(0, |retries| retries.value),
        working_dir,
        output,
        outputs,
        files,
        judgement,
        allow,
    })
}

/// Returns the tables of a program that are separate assets: name, place, format, and the rest of the table.
pub(super) fn output_tables<'a>(
    top: &Section<'a>,
    command: &AssetName,
    file: &'a SourceFile,
    problems: &mut Problems,
) -> Vec<(AssetName, OutputTable, Section<'a>)> {
    let mut tables = Vec::new();
    for (name, value) in sorted_entries(top, "outputs", problems) {
        let (Some(table), Ok(asset)) = (value.get_ref().as_table(), AssetName::new(command.schema(), &name.value))
        else {
            continue;
        };
        let section = Section::new(table, name.span.clone(), &keys::OUTPUT_TABLE, file, problems);
        if let Some(output) = output_of(&section, problems) {
            let table = OutputTable {
                command: command.clone(),
                name: name.value,
                output,
            };
            tables.push((asset, table, section));
        }
    }
    tables
}

fn sorted_entries<'a>(
    top: &Section<'a>,
    key: &str,
    problems: &mut Problems,
) -> Vec<(Placed<String>, &'a toml::Spanned<toml::de::DeValue<'a>>)> {
    let mut entries = top.entries(key, problems);
    entries.sort_by_key(|(name, _)| name.span.start);
    entries
}

fn output_names(
    top: &Section<'_>,
    command: &AssetName,
    file: &SourceFile,
    problems: &mut Problems,
) -> BTreeMap<String, AssetName> {
    let mut names = BTreeMap::new();
    for (name, value) in sorted_entries(top, "outputs", problems) {
        if value.get_ref().as_table().is_none() {
            problems.push(top.wrong_type(&name.value, "a table", value));
            continue;
        }
        match AssetName::new(command.schema(), &name.value) {
            Ok(asset) => {
                names.insert(name.value, asset);
            }
            Err(source) => {
                let error = ProjectError::BadName {
                    source,
                    help: format!("the table is the asset `{}.NAME`", command.schema()),
                    span: name.span,
                };
                problems.push(Problem::in_file(file, error));
            }
        }
    }
    names
}

/// The formats of input files.
const INPUT_FORMATS: [(&str, ExportFormat); 3] =
    [("parquet", ExportFormat::Parquet), ("csv", ExportFormat::Csv), ("ndjson", ExportFormat::Ndjson)];

fn run(section: &Section<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    let example = "run = [\"python3\", \"scripts/score.py\"]";
    if section.get("run").is_none() {
        problems.push(section.missing("run", example));
        return None;
    }
    let before = problems.error_count();
    let words: Vec<_> = section.strings("run", problems).into_iter().collect();
    if problems.error_count() > before {
        return None;
    }
    let bad = words.iter().find(|word| word.value.contains('\0'));
    if let Some(word) = bad {
        let help = "remove the zero byte: an argument can't contain one".to_owned();
        problems.push(section.bad_value("run", &word.value, help, word.span.clone()));
        return None;
    }
    if words.first().is_none_or(|program| program.value.is_empty()) {
        let help = format!("name a program and its arguments: `{example}`");
        problems.push(section.bad_value("run", "[]", help, section.key_span("run")));
        return None;
    }
    Some(words.into_iter().map(|word| word.value).collect())
}

fn variables(
    section: &Section<'_>,
    declared: &BTreeMap<String, Scalar>,
    problems: &mut Problems,
) -> BTreeMap<String, Scalar> {
    let mut variables = BTreeMap::new();
    for name in section.strings("vars", problems) {
        if let Some(value) = declared.get(&name.value) {
            variables.insert(name.value, value.clone());
        } else {
            let help = text::did_you_mean(&name.value, declared.keys().map(String::as_str))
                .unwrap_or_else(|| format!("declare it in dp.toml: `{} = …` under [vars]", name.value));
            problems.push(section.bad_value("vars", &name.value, help, name.span));
        }
    }
    variables
}

fn environment(section: &Section<'_>, problems: &mut Problems) -> BTreeMap<String, Template> {
    let mut environment = BTreeMap::new();
    for (name, value) in section.entries("env", problems) {
        let Some(text) = value.get_ref().as_str() else {
            problems.push(section.wrong_type(&name.value, "a string", value));
            continue;
        };
        if !is_variable(&name.value) || name.value.starts_with("DP_") {
            let help = "use letters, digits and `_`; dp reserves names that start with `DP_`".to_owned();
            problems.push(section.bad_value("env", &name.value, help, name.span));
            continue;
        }
        let bad = |placeholder: &str| {
            let help = "write `${env.NAME}` for a value of dp's own environment; pass variables with `vars`, and \
                        write `$${` for a literal `${`";
            section.bad_value("env", placeholder, help.to_owned(), value.span())
        };
        match Template::parse(text) {
            Ok(_) if text.contains('\0') => problems.push(bad(text)),
            Ok(template) => {
                environment.insert(name.value, template);
            }
            Err(placeholder) => problems.push(bad(&placeholder)),
        }
    }
    environment
}

fn output(top: &Section<'_>, file: &SourceFile, problems: &mut Problems) -> Option<Output> {
    let section = top.section("output", &keys::OUTPUT, problems)?;
    if top.get("outputs").is_some() {
        let error = ProjectError::ExclusiveKeys {
            first: "output".to_owned(),
            second: "outputs".to_owned(),
            first_span: top.key_span("output"),
            second_span: top.key_span("outputs"),
        };
        problems.push(Problem::in_file(file, error));
    }
    output_of(&section, problems)
}

fn output_of(section: &Section<'_>, problems: &mut Problems) -> Option<Output> {
    let words = [("parquet", Format::Parquet), ("csv", Format::Csv), ("ndjson", Format::Ndjson)];
    if section.get("format").is_none() {
        problems.push(section.missing("format", "format = \"parquet\""));
    }
    let format = section.word("format", &words, problems);
    let options = options(section, problems);
    Some(Output {
        format: format?,
        options,
        span: section.span.clone(),
    })
}

fn made_files(top: &Section<'_>, file: &SourceFile, problems: &mut Problems) -> Vec<MadeFile> {
    let mut files = Vec::new();
    for section in top.tables("files", &keys::MADE_FILE, problems) {
        let name = section.required_string("name", "name = \"model\"", problems);
        let path = section.required_string("path", "path = \"models/model.bin\"", problems);
        let (Some(name), Some(path)) = (name, path) else {
            continue;
        };
        if !is_variable(&name.value) {
            let help = "use letters, digits and `_`: the program gets the path in `$DP_FILE_<NAME>`".to_owned();
            problems.push(section.bad_value("name", &name.value, help, name.span));
            continue;
        }
        if stays_inside(&path, file, problems).is_some() {
            files.push(MadeFile {
                name: name.value,
                path: one_form(path.value),
                span: path.span,
            });
        }
    }
    files
}

fn allow(top: &Section<'_>, file: &SourceFile, problems: &mut Problems) -> Allow {
    let Some(section) = top.section("allow", &keys::ALLOW, problems) else {
        return Allow::default();
    };
    let mut paths = |key: &str| -> Vec<String> {
        let mut paths = Vec::new();
        for path in section.strings(key, problems) {
            let outside = path.value.starts_with('/') || path.value == "~" || path.value.starts_with("~/");
            if outside || stays_inside(&path, file, problems).is_some() {
                paths.push(path.value);
            }
        }
        paths
    };
    let (read, write) = (paths("read"), paths("write"));
    let mut connect = Vec::new();
    for endpoint in section.strings("connect", problems) {
        if split_endpoint(&endpoint.value).is_some() {
            connect.push(endpoint.value);
        } else {
            let help =
                "write `\"host:port\"`, `\"host\"` (any port), `\":port\"` (any host), or `\"[::1]:port\"`".to_owned();
            problems.push(section.bad_value("connect", &endpoint.value, help, endpoint.span));
        }
    }
    Allow {
        read,
        write,
        connect,
        span: Some(section.span.clone()),
    }
}

/// Splits an endpoint into host and port; at least one of the two is present.
pub(crate) fn split_endpoint(text: &str) -> Option<(Option<&str>, Option<u16>)> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        (host, rest.strip_prefix(':').map_or(Some(""), Some).filter(|_| rest.is_empty() || rest.starts_with(':'))?)
    } else if text.matches(':').count() > 1 {
        // An IPv6 address without a port.
        (text, "")
    } else {
        text.split_once(':').unwrap_or((text, ""))
    };
    let port = if port.is_empty() { None } else { Some(port.parse().ok()?) };
    let host = (!host.is_empty()).then_some(host);
    let plain = host.is_none_or(|host| host.chars().all(|char| char.is_ascii_alphanumeric() || ".-:_".contains(char)));
    (plain && (host.is_some() || port.is_some())).then_some((host, port))
}

/// Returns the suffix of the variable `DP_INPUT_…` for an input.
pub(crate) fn input_variable(name: &AssetName) -> String {
    upper(&name.as_str().replace('.', "_"))
}

pub(crate) fn upper(name: &str) -> String {
    name.to_ascii_uppercase()
}

/// Reports names that are the same in upper case.
fn collisions(
    section: &Section<'_>,
    key: &str,
    names: impl Iterator<Item = (String, crate::base::diagnostic::Span)>,
    problems: &mut Problems,
) {
    let mut seen = BTreeSet::new();
    for (name, span) in names {
        if !seen.insert(name.clone()) {
            let help = "rename an asset or a file: two of them would have the same variable".to_owned();
            problems.push(section.bad_value(key, &name, help, span));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_have_a_host_a_port_or_both() {
        assert_eq!(split_endpoint("localhost:5432"), Some((Some("localhost"), Some(5432))));
        assert_eq!(split_endpoint("example.com"), Some((Some("example.com"), None)));
        assert_eq!(split_endpoint(":53"), Some((None, Some(53))));
        assert_eq!(split_endpoint("[::1]:80"), Some((Some("::1"), Some(80))));
        assert_eq!(split_endpoint("::1"), Some((Some("::1"), None)));
        for text in ["", ":", "a:b", "a:99999", "http://x", "[::1]80", "[::1"] {
            assert_eq!(split_endpoint(text), None, "{text}");
        }
    }
}
