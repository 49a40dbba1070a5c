//! Finds and reads the files of a project: the only part of this module that opens files.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use toml::de::DeTable;

use super::asset::Materialize;
use super::command::Judgement;
use super::resolve::{self, Context};
use super::settings::{Connection, Keep, Project, Settings};
use super::shape::{Placed, Section};
use super::{Asset, ProjectError, keys};
use crate::base::diagnostic::{Place, Problem, Problems, SourceFile};
use crate::base::fs::{self, Below, leads_out};
use crate::base::text;
use crate::model::{AssetName, EnvironmentName, NameError, Scalar, normal, reserved};

/// Settings from outside the project's files.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The environment; `prod` by default.
    pub environment: String,
    /// `NAME=VALUE` of each `--var` option, in order.
    pub variables: Vec<String>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            environment: EnvironmentName::PROD.to_owned(),
            variables: Vec::new(),
        }
    }
}

/// A project, as far as its files are valid.
#[derive(Debug)]
pub struct Loaded {
    /// The assets without a mistake; `None` if `dp.toml` itself can't be used.
    pub project: Option<Project>,
    /// Assets that are declared but have mistakes, so that a reference to one is not another mistake.
    pub broken: BTreeSet<AssetName>,
    /// All mistakes.
    pub problems: Problems,
}

/// Reads the project whose `dp.toml` is in `folder`.
///
/// # Errors
/// Only if `folder` has no `dp.toml`; every other mistake is in [`Loaded::problems`].
pub fn load(folder: &Path, options: &LoadOptions) -> Result<Loaded, Problem> {
    let root = fs::canonicalize(folder).map_err(|_| not_found(folder))?;
    let file = match read(&root.join("dp.toml"), "dp.toml") {
        Ok(file) => file,
        Err(Unreadable::Missing) => return Err(not_found(folder)),
        Err(Unreadable::Problem(problem)) => return Err(problem),
    };
    let mut problems = Problems::new();
    let mut loaded = Loaded {
        project: None,
        broken: BTreeSet::new(),
        problems: Problems::new(),
    };
    if let Some((settings, defaults)) = settings(&file, options, &mut problems) {
        let context = Context {
            root: &root,
            variables: &settings.variables,
            default_materialize: &defaults.materialize,
            default_judgement: defaults.judgement,
        };
        let (assets, broken) = assets(&root, &context, &mut problems);
        loaded.broken = broken;
        loaded.project = Some(Project {
            root,
            file,
            settings,
            assets,
        });
    }
    if let Some(project) = &loaded.project {
        export_paths(project, &mut problems);
        former_names(project, &mut problems);
        for asset in project.assets.values() {
            let schema = asset.name.schema();
            let environment = project.settings.environment.as_str();
            if schema == environment || project.settings.environments.iter().any(|name| name == schema) {
                let error = ProjectError::SchemaIsEnvironment {
                    schema: schema.to_owned(),
                    span: asset.span.clone(),
                };
                problems.push(Problem::in_file(&asset.file, error).about(&asset.name));
            }
        }
    }
    if let Some(project) = loaded.project.as_ref().filter(|_| loaded.broken.is_empty()) {
        super::unread::unread_files(project, &mut problems);
    }
    loaded.problems = problems;
    Ok(loaded)
}

fn not_found(folder: &Path) -> Problem {
    Problem::without_file(ProjectError::NotFound {
        folder: folder.display().to_string(),
    })
}

enum Unreadable {
    Missing,
    Problem(Problem),
}

fn read(path: &Path, shown: &str) -> Result<SourceFile, Unreadable> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(SourceFile::new(shown, text)),
        Err(error) if error.is_missing() => Err(Unreadable::Missing),
        Err(error) if error.source.kind() == std::io::ErrorKind::InvalidData => {
            Err(Unreadable::Problem(Problem::without_file(ProjectError::Encoding {
                path: shown.to_owned(),
            })))
        }
        Err(error) => Err(Unreadable::Problem(Problem::without_file(error))),
    }
}

/// Parses a file. Syntax errors are reported, and everything else is returned.
pub(super) fn parse<'a>(file: &'a SourceFile, problems: &mut Problems) -> Option<DeTable<'a>> {
    let (table, errors) = DeTable::parse_recoverable(file.text());
    if errors.is_empty() {
        return Some(table.into_inner());
    }
    for error in errors {
        let help = if error.message().contains("escape") {
            "write SQL and patterns between `'''`, or double the backslash: it starts an escape inside double quotes"
        } else {
            "correct the file here; see https://toml.io for the grammar"
        };
        let error = ProjectError::Syntax {
            message: error.message().to_owned(),
            help,
            span: error.span().unwrap_or(0..0),
        };
        problems.push(Problem::in_file(file, error));
    }
    None
}

/// Defaults for assets.
struct Defaults {
    materialize: Materialize,
    judgement: Judgement,
}

/// Returns the settings in `dp.toml`, and its defaults for assets.
fn settings(file: &SourceFile, options: &LoadOptions, problems: &mut Problems) -> Option<(Settings, Defaults)> {
    let table = parse(file, problems)?;
    let first_line = 0..file.text().find('\n').unwrap_or(file.text().len());
    let top = Section::new(&table, first_line, &keys::DP_TOML, file, problems);
    let project = top.section("project", &keys::PROJECT, problems);
    if top.get("project").is_none() {
        problems.push(top.missing("project", "[project]\nname = \"shop\""));
    }
    let mut name = None;
    let mut timezone = None;
    if let Some(project) = &project {
        name = project.required_string("name", "name = \"shop\"", problems);
        timezone = project.string("timezone", problems);
        if let Some(requires) = project.string("requires", problems) {
            check_version(project, &requires, file, problems);
        }
    }
    let (variables, environments) = all_variables(&top, file, options, problems);
    let connections = connections(&top, file, problems);
    let mut default = Defaults {
        materialize: Materialize::Table,
        judgement: Judgement::default(),
    };
    let mut connection = connections.first().cloned().unwrap_or_default();
    if let Some(defaults) = top.section("defaults", &keys::DEFAULTS, problems) {
        let words = [("table", false), ("view", true)];
        if defaults.word("materialize", &words, problems) == Some(true) {
            default.materialize = Materialize::View;
        }
        default.judgement = defaults.word("effects", &Judgement::WORDS, problems).unwrap_or_default();
        if let Some(written) = defaults.string("connection", problems) {
            let declared: Vec<_> = connections.iter().map(|connection| connection.name.as_str()).collect();
            match connections.iter().find(|connection| connection.name == written.value) {
                Some(chosen) => connection = chosen.clone(),
                None if connections.is_empty() && written.value == connection.name => {}
                None => {
                    let help = text::did_you_mean(&written.value, declared)
                        .unwrap_or_else(|| format!("declare it: [connections.{}]", written.value));
                    problems.push(defaults.bad_value("connection", &written.value, help, written.span));
                }
            }
        }
    }
    let mut keep = Keep::default();
    if let Some(state) = top.section("state", &keys::STATE, problems) {
        if let Some(runs) = state.integer("keep_runs", problems) {
            if runs.value == 0 {
                let help = "write 1 or more: dp always keeps published versions".to_owned();
                problems.push(state.bad_value("keep_runs", "0", help, runs.span));
            } else {
                keep.runs = runs.value;
            }
        }
        keep.seconds = state.duration("keep_for", problems).unwrap_or(keep.seconds);
    }
    let settings = Settings {
        name: name?.value,
        timezone_span: timezone.as_ref().map(|text| text.span.clone()),
        timezone: timezone.map_or_else(|| "UTC".to_owned(), |text| text.value),
        // An invalid name is already among the problems.
        environment: options.environment.parse().unwrap_or_else(|_| EnvironmentName::prod()),
        environments,
        set_variables: options.variables.iter().filter_map(|set| Some(set.split_once('=')?.0.to_owned())).collect(),
        variables,
        connection,
        keep,
        noise: noise(&top, problems),
    };
    Some((settings, default))
}

/// Returns an error for a text that can't name an environment, and for a name that looks like a typo of a declared
/// one. Any other name is an environment, declared or not. A name with a digit or `-` is accepted: scripts generate
/// such names, as in `pr-12`.
///
/// # Errors
/// The problem, with help.
fn expect_environment(name: &str, declared: &[String]) -> Result<(), Problem> {
    let unknown = |help: String| {
        Problem::without_file(ProjectError::UnknownEnvironment {
            name: name.to_owned(),
            help,
        })
    };
    if declared.iter().any(|known| known == name) {
        return Ok(());
    }
    if let Err(error) = name.parse::<EnvironmentName>() {
        return Err(unknown(error.to_string()));
    }
    let is_made = name.contains(|char: char| char.is_ascii_digit() || char == '-');
    match text::nearest(name, declared.iter().map(String::as_str)).filter(|_| !is_made) {
        None => Ok(()),
        Some(near) => {
            Err(unknown(format!("did you mean `{near}`? Otherwise declare it in dp.toml: [environments.{name}]")))
        }
    }
}

/// Returns the patterns of `[observation] noise`.
fn noise(top: &Section<'_>, problems: &mut Problems) -> Vec<String> {
    let Some(section) = top.section("observation", &keys::OBSERVATION, problems) else {
        return Vec::new();
    };
    let mut patterns = Vec::new();
    for pattern in section.strings("noise", problems) {
        if super::path_pattern(pattern.value.trim_start_matches('!')).is_ok() && !pattern.value.is_empty() {
            patterns.push(pattern.value);
        } else {
            let help = "write a pattern such as `\"~/.cache/**\"`".to_owned();
            problems.push(section.bad_value("noise", &pattern.value, help, pattern.span));
        }
    }
    patterns
}

fn check_version(section: &Section<'_>, requires: &Placed<String>, file: &SourceFile, problems: &mut Problems) {
    let version = semver::Version::parse(env!("CARGO_PKG_VERSION")).expect("cargo's versions are semantic");
    match semver::VersionReq::parse(&requires.value) {
        Ok(range) if range.matches(&version) => {}
        Ok(_) => {
            let error = ProjectError::Requires {
                requires: requires.value.clone(),
                version: version.to_string(),
                span: requires.span.clone(),
            };
            problems.push(Problem::in_file(file, error));
        }
        Err(_) => {
            let help = "write a range of versions such as `\">=0.1\"`".to_owned();
            problems.push(section.bad_value("requires", &requires.value, help, requires.span.clone()));
        }
    }
}

fn all_variables(
    top: &Section<'_>,
    file: &SourceFile,
    options: &LoadOptions,
    problems: &mut Problems,
) -> (BTreeMap<String, Scalar>, Vec<String>) {
    let declared = resolve::variables(top, problems);
    let mut variables: BTreeMap<String, Scalar> =
        declared.iter().map(|(name, (value, _))| (name.clone(), value.clone())).collect();
    let mut environments = vec![EnvironmentName::PROD.to_owned()];
    for (name, value) in top.entries("environments", problems) {
        let Some(table) = value.get_ref().as_table() else {
            problems.push(top.wrong_type(&name.value, "a table", value));
            continue;
        };
        if name.value.parse::<EnvironmentName>().is_err() {
            let help = "use a to z, 0 to 9, _ and -; start with a letter, and not with `_dp`".to_owned();
            problems.push(top.bad_value("environments", &name.value, help, name.span.clone()));
        }
        let section = Section::new(table, name.span.clone(), &keys::ENVIRONMENT, file, problems);
        let own = resolve::variables(&section, problems);
        for (variable, (value, span)) in own {
            match declared.get(&variable) {
                None => {
                    let help =
                        format!("declare `{variable}` under [vars] too, with its value for the other environments");
                    problems.push(section.bad_value("vars", &variable, help, section.key_span("vars")));
                }
                Some((general, first)) if general.type_name() != value.type_name() => {
                    let error = ProjectError::VariableType {
                        name: variable.clone(),
                        environment: name.value.clone(),
                        here: format!("{} {}", article(value.type_name()), value.type_name()),
                        there: format!("{} {}", article(general.type_name()), general.type_name()),
                        first: first.clone(),
                        span,
                    };
                    problems.push(Problem::in_file(file, error));
                    continue;
                }
                Some(_) => {}
            }
            if name.value == options.environment {
                variables.insert(variable, value);
            }
        }
        environments.push(name.value);
    }
    if let Err(problem) = expect_environment(&options.environment, &environments) {
        problems.push(problem);
    }
    for argument in &options.variables {
        if let Err(error) = set_variable(&mut variables, argument) {
            problems.push(Problem::without_file(*error));
        }
    }
    (variables, environments)
}

/// Returns the article: "a string", "an integer".
fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn set_variable(variables: &mut BTreeMap<String, Scalar>, argument: &str) -> Result<(), Box<ProjectError>> {
    let bad = |why: String, help: String| {
        Box::new(ProjectError::BadVariable {
            argument: argument.to_owned(),
            why,
            help,
        })
    };
    let Some((name, text)) = argument.split_once('=') else {
        return Err(bad("no `=`".to_owned(), "write `--var name=value`".to_owned()));
    };
    let Some(declared) = variables.get(name) else {
        let help = text::did_you_mean(name, variables.keys().map(String::as_str))
            .unwrap_or_else(|| format!("declare it in dp.toml: `{name} = …` under [vars]"));
        return Err(bad(format!("unknown variable `{name}`"), help));
    };
    let Some(value) = declared.parse_like(text) else {
        let why = format!("`{text}` is not of type {}", declared.type_name());
        return Err(bad(why, format!("give a value of the same type as the declared value {declared} of `{name}`")));
    };
    variables.insert(name.to_owned(), value);
    Ok(())
}

fn connections(top: &Section<'_>, file: &SourceFile, problems: &mut Problems) -> Vec<Connection> {
    let mut connections = Vec::new();
    let mut entries = top.entries("connections", problems);
    entries.sort_by_key(|(name, _)| name.span.start);
    for (name, value) in entries {
        let Some(table) = value.get_ref().as_table() else {
            problems.push(top.wrong_type(&name.value, "a table", value));
            continue;
        };
        let section = Section::new(table, name.span.clone(), &keys::CONNECTION, file, problems);
        let engine = section.required_string("engine", "engine = \"duckdb\"", problems);
        if let Some(engine) = engine.filter(|engine| engine.value != "duckdb") {
            let error = ProjectError::Unsupported {
                what: format!("engine `{}`", engine.value),
                help: "write `duckdb`, the only engine of this version of dp".to_owned(),
                span: engine.span,
            };
            problems.push(Problem::in_file(file, error));
        }
        if let Some(first) = connections.first() {
            let first: &Connection = first;
            let error = ProjectError::Unsupported {
                what: "a second connection".to_owned(),
                help: format!(
                    "remove `{}` or `{}`: this version of dp supports one connection",
                    first.name, name.value
                ),
                span: name.span.clone(),
            };
            problems.push(Problem::in_file(file, error));
        }
        let mut connection = Connection {
            name: name.value,
            ..Connection::default()
        };
        if let Some(path) = section.string("path", problems) {
            let parts: Vec<_> = Path::new(&path.value).components().collect();
            let inside = parts.iter().all(|part| matches!(part, std::path::Component::Normal(_)));
            let reserved = ["assets", ".dp"].iter().any(|folder| Path::new(&path.value).starts_with(folder));
            if !inside || parts.is_empty() || reserved {
                let help = "use a separate folder inside the project".to_owned();
                problems.push(section.bad_value("path", &path.value, help, path.span));
            } else {
                connection.path = path.value;
            }
        }
        connection.memory_limit = section.string("memory_limit", problems).and_then(|text| {
            let valid = text.value.trim_end_matches(|char: char| char.is_ascii_alphabetic()).trim().parse::<f64>();
            if valid.is_ok_and(|number| number > 0.0) {
                return Some(text.value);
            }
            let help = "write an amount such as `\"4GB\"` or `\"512MB\"`".to_owned();
            problems.push(section.bad_value("memory_limit", &text.value, help, text.span));
            None
        });
        connection.threads = section.integer("threads", problems).and_then(|number| {
            let threads = u32::try_from(number.value).ok().filter(|threads| (1..=1024).contains(threads));
            if threads.is_none() {
                let help = "write a number from 1 to 1024".to_owned();
                problems.push(section.bad_value("threads", &number.value.to_string(), help, number.span));
            }
            threads
        });
        connections.push(connection);
    }
    connections
}

/// Returns all asset files below `assets/`, relative to the project, sorted.
pub(super) fn asset_files(root: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    let folder = root.join("assets");
    if !fs::is_folder(&folder) {
        return Vec::new();
    }
    let mut files = Vec::new();
    let is_toml = |path: &Path| path.extension().is_some_and(|extension| extension == "toml");
    let is_hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
    for found in fs::below(&folder, usize::MAX, is_hidden) {
        match found {
            // Anything but a regular file is reported when it is read.
            Ok(Below::File(path) | Below::Special(path)) if is_toml(&path) => {
                files.push(path.strip_prefix(root).expect("below the root").to_owned());
            }
            Ok(Below::Dangling(path)) if is_toml(&path) => {
                problems.push(Problem::without_file(fs::dangling(&path)));
            }
            Ok(_) => {}
            Err(error) => problems.push(Problem::without_file(error)),
        }
    }
    files.sort();
    files
}

struct Read {
    /// The path, relative to the project.
    path: String,
    name: Option<(AssetName, SourceFile, crate::base::diagnostic::Span)>,
    asset: Option<Asset>,
    /// Further assets that the file declares: the tables of a command.
    more: Vec<(AssetName, crate::base::diagnostic::Span, Option<Asset>)>,
    problems: Problems,
}

fn assets(
    root: &Path,
    context: &Context<'_>,
    problems: &mut Problems,
) -> (BTreeMap<AssetName, Asset>, BTreeSet<AssetName>) {
    let files = asset_files(root, problems);
    let read: Vec<Read> = files.par_iter().map(|path| read_asset(root, path, context)).collect();
    let mut assets = BTreeMap::new();
    let mut broken = BTreeSet::new();
    let mut places: BTreeMap<AssetName, (SourceFile, crate::base::diagnostic::Span)> = BTreeMap::new();
    for mut one in read {
        let names = one.name.iter().map(|(name, ..)| name).chain(one.more.iter().map(|(name, ..)| name));
        let names: Vec<String> = names.map(ToString::to_string).collect();
        one.problems.blame(0, if names.is_empty() { vec![one.path] } else { names });
        problems.extend(one.problems);
        let Some((name, file, span)) = one.name else {
            continue;
        };
        let more = one.more.into_iter().map(|(name, span, asset)| (name, file.clone(), span, asset));
        let declared = std::iter::once((name, file.clone(), span, one.asset)).chain(more);
        for (name, file, span, asset) in declared {
            if let Some((first_file, first_span)) = places.get(&name) {
                let problem = Problem::in_file(
                    &file,
                    ProjectError::DuplicateAsset {
                        name: name.to_string(),
                        span,
                    },
                );
                problems.push(problem.and(Place {
                    file: first_file.clone(),
                    span: first_span.clone(),
                    note: "first declared here".to_owned(),
                }));
                continue;
            }
            places.insert(name.clone(), (file, span));
            match asset {
                Some(asset) => {
                    assets.insert(name, asset);
                }
                None => {
                    broken.insert(name);
                }
            }
        }
    }
    (assets, broken)
}

fn read_asset(root: &Path, path: &Path, context: &Context<'_>) -> Read {
    let shown = path.to_string_lossy();
    let mut read_result = Read {
        path: shown.clone().into_owned(),
        name: None,
        asset: None,
        more: Vec::new(),
        problems: Problems::new(),
    };
    let file = match read(&root.join(path), &shown) {
        Ok(file) => file,
        Err(Unreadable::Problem(problem)) => {
            read_result.problems.push(problem);
            let nothing = SourceFile::new(shown.as_ref(), "");
            read_result.name = name_from_path(path).ok().map(|name| (name, nothing, 0..0));
            return read_result;
        }
        // Removed between the listing and now: treated as never listed.
        Err(Unreadable::Missing) => return read_result,
    };
    let problems = &mut read_result.problems;
    let first_line = 0..file.text().find('\n').unwrap_or(file.text().len());
    let Some(table) = parse(&file, problems) else {
        read_result.name = name_from_path(path).ok().map(|name| (name, file.clone(), first_line));
        return read_result;
    };
    let top = Section::new(&table, first_line.clone(), &keys::ASSET, &file, problems);
    let (name, span) = match top.string("name", problems) {
        Some(written) => match resolve::asset_name(written, &file, problems) {
            Some(name) => name,
            None => return read_result,
        },
        None => match name_from_path(path) {
            Ok(name) => (name, top.get("kind").map_or(first_line, toml::Spanned::span)),
            Err((source, help)) => {
                problems.push(Problem::in_file(
                    &file,
                    ProjectError::BadName {
                        source,
                        help,
                        span: first_line,
                    },
                ));
                return read_result;
            }
        },
    };
    read_result.name = Some((name.clone(), file.clone(), span));
    read_result.asset = resolve::asset(&top, name.clone(), &file, context, problems);
    match &read_result.asset {
        Some(asset) if asset.command().is_some() => {
            read_result.more = resolve::outputs(&top, asset, &file, context, problems);
        }
        Some(_) => {}
        // A reader of a table of a command with mistakes has no mistake itself.
        None => read_result.more = resolve::output_names(&top, &name),
    }
    read_result
}

/// `assets/raw/orders.toml` is `raw.orders`, `assets/orders.toml` is `main.orders`.
fn name_from_path(path: &Path) -> Result<AssetName, (NameError, String)> {
    let parts: Vec<String> = path
        .with_extension("")
        .components()
        .skip(1)
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let rename = "rename the file or its folder, or add `name = \"schema.name\"`";
    match parts.as_slice() {
        [name] => AssetName::new(AssetName::DEFAULT_SCHEMA, name),
        [schema, name] => AssetName::new(schema, name),
        deeper => Err(NameError::Dots(deeper.join("."))),
    }
    .map_err(|error| {
        let help = match &error {
            NameError::Dots(_) => "add `name = \"schema.name\"`: dp derives no name from deeper folders",
            _ => rename,
        };
        (error, help.to_owned())
    })
}

/// Reports previous names that two assets claim, or one asset twice.
fn former_names(project: &Project, problems: &mut Problems) {
    let mut claimed: BTreeMap<&AssetName, &AssetName> = BTreeMap::new();
    for asset in project.assets.values() {
        for (before, span) in &asset.moved_from {
            let Some(other) = claimed.insert(before, &asset.name) else {
                continue;
            };
            let error = ProjectError::MovedFrom {
                name: before.to_string(),
                why: format!("was already renamed to `{other}`"),
                span: span.clone(),
            };
            problems.push(Problem::in_file(&asset.file, error).about(&asset.name).about(other));
        }
    }
}

/// Reports exports whose place is not possible.
fn export_paths(project: &Project, problems: &mut Problems) {
    let mut places: BTreeMap<PathBuf, &Asset> = BTreeMap::new();
    let warehouse = project.settings.connection.path.as_str();
    let placed = project.assets.values().flat_map(|asset| asset.placed().map(move |(path, span)| (asset, path, span)));
    for (asset, path, span) in placed {
        let normal = normal(path);
        if leads_out(&project.root, &normal) {
            let error = ProjectError::Outside {
                path: path.to_owned(),
                span: span.clone(),
            };
            problems.push(Problem::in_file(&asset.file, error).about(&asset.name));
            continue;
        }
        let within = |one: &Path, other: &Path| one != other && (one.starts_with(other) || other.starts_with(one));
        let mut rival = None;
        let why = if normal.as_os_str().is_empty() || path.ends_with('/') {
            Some("it is a folder".to_owned())
        } else if normal.components().any(|part| part.as_os_str().len() > fs::LONGEST_NAME) {
            Some(format!("a name in the path is longer than {} bytes", fs::LONGEST_NAME))
        } else if let Some((_, other)) = places.iter().find(|(place, _)| within(place, &normal)) {
            rival = Some(&other.name);
            Some(format!("it and the path of `{}` need a file and a folder at the same place", other.name))
        } else if let Some(folder) = reserved(&normal, warehouse) {
            Some(format!("`{folder}` is reserved for the project"))
        } else if let Some(other) = places.get(&normal) {
            rival = Some(&other.name);
            Some(format!("`{}` exports to the same path", other.name))
        } else {
            project
                .assets
                .values()
                .filter_map(|other| Some((other, other.source()?)))
                .find(|(_, source)| super::path_pattern(&source.path).is_ok_and(|pattern| pattern.is_match(&normal)))
                .map(|(other, _)| format!("the source `{}` would read the file", other.name))
        };
        match why {
            None => {
                places.insert(normal, asset);
            }
            Some(why) => {
                let error = ProjectError::ExportPath {
                    path: path.to_owned(),
                    why,
                    span: span.clone(),
                };
                // It is unknown which of the two is wrong, and either could overwrite the file of the other.
                let problem = Problem::in_file(&asset.file, error).about(&asset.name);
                problems.push(rival.into_iter().fold(problem, Problem::about));
            }
        }
    }
}
