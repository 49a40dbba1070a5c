//! The facts of programs before they run: the executable, the code and values that count, and the expected outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::binding::Binder;
use super::contract;
use super::references;
use super::run::{Run, materialize_word};
use super::secret;
use crate::base::diagnostic::Problem;
use crate::base::fs;
use crate::base::lazy_json::LazyJson;
use crate::definition::{CommandDefinition, Definition, DefinitionDocument, OutputDefinition, Written};
use crate::facts::Facts;
use crate::model::{AssetName, Column, Columns, Digest, FileInput, Filled, ProgramFacts, Schema, Template};
use crate::observe;
use crate::project::{Asset, Command, Output, OutputTable, Project, ProjectError};
use crate::sql::lineage::{ColumnLineage, ReadColumns};

/// The values of dp's own environment, and the key with which dp hashes them.
#[derive(Clone, Default)]
pub struct Secrets {
    /// The variables by name.
    pub values: BTreeMap<String, String>,
    /// The random bytes of `.dp/key`.
    pub key: [u8; 32],
}

impl Secrets {
    /// Returns the hash that is recorded instead of a value.
    fn fingerprint(&self, value: &str) -> Digest {
        Digest::from(blake3::keyed_hash(&self.key, value.as_bytes()))
    }
}

/// The columns of recorded versions, newest first, each with the definition of its version.
pub type RecordedColumns = BTreeMap<AssetName, Vec<(Digest, Schema)>>;

impl Run<'_> {
    /// Returns the facts of a program; `None` if it has a mistake, which is reported.
    pub(super) fn command(&mut self, asset: &Asset, command: &Command, binder: &mut Binder<'_>) -> Option<Facts> {
        let program = self.program(asset, command)?;
        let types = contract::types(asset, binder.analyst, binder.memory, &mut self.problems)?;
        let inputs: BTreeSet<AssetName> =
            command.inputs.iter().chain(&asset.depends_on).map(|(name, _)| name.clone()).collect();
        let made = command_definition(command, &program, self.project, self.secrets);
        let definition = Definition {
            depends_on: inputs_as_written(asset),
            types: types_read(command.output.as_ref(), &types),
            lenient: contract::lenient(asset),
            command: Some(made),
            ..Definition::new("command", materialize_word(asset), self.settings)
        };
        let facts = self.made_facts(asset, definition, inputs.iter().map(|name| (name.clone(), Columns::All)), types);
        Some(Facts {
            program: Some(Arc::new(program)),
            awaits: if asset.has_table() { facts.awaits } else { BTreeSet::new() },
            ..facts
        })
    }

    /// Returns the facts of one of several tables of a program.
    pub(super) fn output(&mut self, asset: &Asset, table: &OutputTable, binder: &mut Binder<'_>) -> Option<Facts> {
        let types = contract::types(asset, binder.analyst, binder.memory, &mut self.problems)?;
        let definition = Definition {
            types: types_read(Some(&table.output), &types),
            lenient: contract::lenient(asset),
            output: Some((table.name.clone(), output_definition(&table.output))),
            ..Definition::new("command", materialize_word(asset), self.settings)
        };
        let read = Columns::Only(BTreeSet::from([table.name.clone()]));
        Some(self.made_facts(asset, definition, std::iter::once((table.command.clone(), read)), types))
    }

    /// Returns the facts that both kinds have in common: nothing is bound, and the columns are those of the last
    /// version.
    fn made_facts(
        &self,
        asset: &Asset,
        definition: Definition,
        reads: impl Iterator<Item = (AssetName, Columns)>,
        types: Vec<(String, String)>,
    ) -> Facts {
        let fingerprint = definition.fingerprint();
        let reads: BTreeMap<AssetName, Columns> = reads.collect();
        let (schema, is_certain) = self.expected_columns(asset, &fingerprint, &types);
        let mut lineage = ColumnLineage::unknown(
            "a program produced it",
            schema.iter().flat_map(Schema::names),
            &reads.keys().map(|name| (name.to_string(), self.columns_of(name))).collect(),
        );
        lineage.reads = reads.keys().map(|name| (name.to_string(), ReadColumns::All)).collect();
        let awaits = if schema.is_none() { BTreeSet::from([asset.name.clone()]) } else { BTreeSet::new() };
        Facts {
            document: DefinitionDocument {
                definition,
                written: Written::default(),
            },
            definition: fingerprint,
            schema: schema.unwrap_or_default(),
            plan: None,
            lineage: Arc::new(LazyJson::now(lineage)),
            unstable: BTreeSet::new(),
            reads_clock: false,
            inputs: reads.keys().cloned().collect(),
            reads,
            shape: None,
            files: Vec::new(),
            reading: None,
            schema_changes: Vec::new(),
            asks: false,
            checks: Vec::new(),
            sql: String::new(),
            located: None,
            named_query: None,
            program: None,
            awaits,
            may_differ: !is_certain,
            contract: asset
                .columns
                .iter()
                .map(|column| {
                    let expected = types.iter().find(|(name, _)| *name == column.name);
                    (column.name.clone(), expected.map(|(_, data_type)| data_type.clone()))
                })
                .collect(),
        }
    }

    fn columns_of(&self, name: &AssetName) -> Vec<String> {
        self.facts.get(name).map(|facts| facts.schema.names().map(ToOwned::to_owned).collect()).unwrap_or_default()
    }

    /// Returns the expected columns of a program's table, and whether they are reliable. They are the columns of a
    /// version with the same definition, or else those of the last version, updated with the types in the file.
    /// Without a version, the file must name columns and the type of each.
    fn expected_columns(
        &self,
        asset: &Asset,
        definition: &Digest,
        types: &[(String, String)],
    ) -> (Option<Schema>, bool) {
        let recorded = self.recorded.get(&asset.name).map(Vec::as_slice).unwrap_or_default();
        if let Some((_, schema)) = recorded.iter().find(|(made_from, _)| made_from == definition) {
            return (Some(schema.clone()), true);
        }
        let last = recorded.first().map(|(_, schema)| schema.clone());
        let says_all = !asset.columns.is_empty() && types.len() == asset.columns.len();
        if last.is_none() && !says_all {
            return (None, false);
        }
        // The types in the file override the previous ones.
        let mut schema = last.unwrap_or_default();
        for (name, data_type) in types {
            match schema.0.iter_mut().find(|column| column.name.eq_ignore_ascii_case(name)) {
                Some(column) => column.data_type.clone_from(data_type),
                None => schema.0.push(Column {
                    name: name.clone(),
                    data_type: data_type.clone(),
                }),
            }
        }
        (Some(schema), false)
    }

    /// Returns the executable, the code and the environment of a program.
    fn program(&mut self, asset: &Asset, command: &Command) -> Option<ProgramFacts> {
        self.expect_working_folder(asset, command)?;
        let (found, file) = self.resolved_program(asset, command)?;
        let hash = match self.hasher.hash(&file.to_string_lossy()) {
            Ok(hashed) => hashed.hash,
            Err(error) => {
                let path = command.run[0].clone();
                self.problems.push(references::file_problem(&path, command.run_span.clone(), &asset.file, error));
                return None;
            }
        };
        let code = self.code(asset, command);
        let environment = self.environment(asset, command);
        Some(ProgramFacts {
            file,
            found,
            hash,
            code: code?,
            environment: environment?,
        })
    }

    /// Reports a working folder that does not exist, or that a link leads out of the project.
    fn expect_working_folder(&mut self, asset: &Asset, command: &Command) -> Option<()> {
        let Some(folder) = &command.working_dir else {
            return Some(());
        };
        let absolute = self.project.absolute(folder);
        let real = fs::canonicalize(&absolute).ok().filter(|real| fs::is_folder(real));
        let (path, span) = (folder.clone(), command.run_span.clone());
        let error = match real {
            Some(real) if real.starts_with(&self.project.root) => return Some(()),
            Some(_) => ProjectError::Outside { path, span },
            None => ProjectError::MissingFile { path, span },
        };
        self.problems.push(Problem::in_file(&asset.file, error));
        None
    }

    fn resolved_program(&mut self, asset: &Asset, command: &Command) -> Option<(PathBuf, PathBuf)> {
        let written = &command.run[0];
        let found = if written.contains('/') {
            let root = &self.project.root;
            let folder =
                command.working_dir.as_deref().map_or_else(|| root.clone(), |folder| self.project.absolute(folder));
            executable(folder.join(written))
        } else {
            let own = command.environment.get("PATH").and_then(|path| path.filled(&|_| None).ok());
            let path = own.or_else(|| self.secrets.values.get("PATH").cloned()).unwrap_or_default();
            path.split(':')
                .filter(|folder| folder.starts_with('/'))
                .find_map(|folder| executable(PathBuf::from(folder).join(written)))
        };
        if found.is_none() {
            let error = ProjectError::NoProgram {
                program: written.clone(),
                help: if written.contains('/') {
                    "create it and make it executable, or correct the path, which is relative to the working folder"
                        .to_owned()
                } else {
                    format!("install `{written}`, or give its path; dp searched for it in $PATH")
                },
                span: command.run_span.clone(),
            };
            self.problems.push(Problem::in_file(&asset.file, error));
        }
        found
    }

    /// Returns the files that the patterns of `[command] files` match, with their hashes.
    fn code(&mut self, asset: &Asset, command: &Command) -> Option<Vec<FileInput>> {
        let mut code: BTreeMap<String, FileInput> = BTreeMap::new();
        let mut whole = true;
        for (pattern, span) in &command.code {
            let problem = match observe::matching(&self.project.root, pattern) {
                Ok(paths) if paths.is_empty() => {
                    let error = ProjectError::NoFiles {
                        path: pattern.clone(),
                        span: span.clone(),
                    };
                    Problem::in_file(&asset.file, error)
                }
                Ok(paths) => match paths.iter().map(|path| self.hasher.hash(path)).collect::<Result<Vec<_>, _>>() {
                    Ok(files) => {
                        code.extend(files.into_iter().map(|file| (file.path.clone(), file)));
                        continue;
                    }
                    Err(error) => references::file_problem(pattern, span.clone(), &asset.file, error),
                },
                Err(error) => references::file_problem(pattern, span.clone(), &asset.file, error),
            };
            self.problems.push(problem);
            whole = false;
        }
        whole.then(|| code.into_values().collect())
    }

    fn environment(&mut self, asset: &Asset, command: &Command) -> Option<BTreeMap<String, Filled>> {
        let mut environment = BTreeMap::new();
        let mut whole = true;
        for (name, template) in &command.environment {
            match template.filled(&|name| self.secrets.values.get(name).cloned()) {
                Ok(text) => {
                    let values = template.secrets().filter_map(|name| Some((name, self.secrets.values.get(name)?)));
                    let values: Vec<(String, String)> =
                        values.map(|(name, value)| (name.to_owned(), value.clone())).collect();
                    for (name, value) in &values {
                        if let Some(why) = secret::why_not(value, asset, command, self.project) {
                            let error = ProjectError::WeakSecret {
                                name: name.clone(),
                                why,
                                span: command.environment_span.clone(),
                            };
                            self.problems.push(Problem::in_file(&asset.file, error));
                            whole = false;
                        }
                    }
                    let secrets = values.into_iter().map(|(_, value)| value).collect();
                    environment.insert(name.clone(), Filled { text, secrets });
                }
                Err(unset) => {
                    let error = ProjectError::UnsetVariable {
                        name: unset,
                        span: command.environment_span.clone(),
                    };
                    self.problems.push(Problem::in_file(&asset.file, error));
                    whole = false;
                }
            }
        }
        whole.then_some(environment)
    }

    /// Reports inputs of a program that have no table.
    pub(super) fn inputs_have_tables(&mut self, asset: &Asset, command: &Command) -> bool {
        let mut whole = true;
        for (name, span) in &command.inputs {
            if let Some(input) = self.project.assets.get(name).filter(|input| !input.has_table()) {
                self.problems.push(no_table(input, span.clone(), &asset.file));
                whole = false;
            }
        }
        whole
    }
}

/// Returns the problem for a reader of an asset without a table.
pub(super) fn no_table(
    asset: &Asset,
    span: crate::base::diagnostic::Span,
    file: &crate::base::diagnostic::SourceFile,
) -> Problem {
    let tables: Vec<_> = asset.command().into_iter().flat_map(|command| command.outputs.values()).collect();
    let help = if tables.is_empty() {
        "give its program an [output], or name it in `depends_on`".to_owned()
    } else {
        format!("read one of its tables: {}", crate::base::text::named(tables, 10))
    };
    let error = ProjectError::NoTable {
        name: asset.name.to_string(),
        help,
        span,
    };
    Problem::in_file(file, error)
}

/// Returns the path, and the file with links resolved, if the file is executable.
fn executable(path: PathBuf) -> Option<(PathBuf, PathBuf)> {
    let file = fs::canonicalize(&path).ok()?;
    (!fs::is_folder(&file) && fs::is_executable(&file)).then_some((path, file))
}

/// Returns a path as it is part of a definition: relative to the project if it is inside it.
fn relative(path: &std::path::Path, project: &Project) -> String {
    path.strip_prefix(&project.root).unwrap_or(path).to_string_lossy().into_owned()
}

fn inputs_as_written(asset: &Asset) -> Vec<String> {
    let names: BTreeSet<String> = asset.depends_on.iter().map(|(name, _)| name.to_string()).collect();
    names.into_iter().collect()
}

/// Returns the contract types, by column, that are passed to the reader of a program's output.
fn types_read(output: Option<&Output>, types: &[(String, String)]) -> BTreeMap<String, String> {
    let reads = output.is_some_and(|output| output.format.is_text());
    if reads { types.iter().cloned().collect() } else { BTreeMap::new() }
}

fn output_definition(output: &Output) -> OutputDefinition {
    OutputDefinition {
        format: output.format,
        options: output.options.clone(),
    }
}

fn command_definition(
    command: &Command,
    program: &ProgramFacts,
    project: &Project,
    secrets: &Secrets,
) -> CommandDefinition {
    let written: BTreeMap<String, Template> = command.environment.clone();
    let used: BTreeSet<&str> = written.values().flat_map(Template::secrets).collect();
    CommandDefinition {
        run: command.run.clone(),
        program: relative(&program.found, project),
        program_hash: program.hash.clone(),
        inputs: command.inputs.iter().map(|(name, _)| name.to_string()).collect::<BTreeSet<_>>().into_iter().collect(),
        input_format: command.input_format,
        code: program.code.iter().map(|file| (file.path.clone(), file.hash.clone())).collect(),
        secrets: used
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), secrets.fingerprint(secrets.values.get(name)?))))
            .collect(),
        environment: written,
        variables: command.variables.clone(),
        working_dir: command.working_dir.clone(),
        output: command.output.as_ref().map(output_definition),
        outputs: command.outputs.keys().cloned().collect(),
        files: command.files.iter().map(|file| file.name.clone()).collect(),
    }
}

/// Returns the names of all variables that a project's programs take from dp's environment.
pub fn secret_names(project: &Project) -> BTreeSet<String> {
    let commands = project.assets.values().filter_map(Asset::command);
    commands.flat_map(|command| command.environment.values()).flat_map(Template::secrets).map(str::to_owned).collect()
}

impl Run<'_> {
    /// Resolves the inputs of programs, and the programs that tables come from.
    pub(super) fn resolve_commands(&mut self, resolved: &mut BTreeMap<super::run::QueryId, references::Resolved>) {
        let project = self.project;
        for asset in project.assets.values() {
            let known = self.problems.len();
            let mut found = references::Resolved::default();
            if let Some(table) = asset.output_table() {
                found.assets.insert(table.command.clone(), asset.span.clone());
            } else if let Some(command) = asset.command() {
                let mut whole = self.inputs_have_tables(asset, command);
                for (name, span) in &command.inputs {
                    whole &= super::run::note_unknown(name, span, asset, project, &self.broken, &mut self.problems);
                    found.assets.entry(name.clone()).or_insert_with(|| span.clone());
                }
                found.assets.retain(|name, _| project.assets.contains_key(name) || self.broken.contains(name));
                if !whole {
                    self.broken.insert(asset.name.clone());
                }
            } else {
                continue;
            }
            self.problems.blame(known, [&asset.name]);
            resolved.insert((asset.name.clone(), None), found);
        }
    }
}
