use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::effects::{Noise, Owners};
use crate::model::{AssetName, ExportFormat, ProgramFacts, RunId, Scalar};
use crate::process::Stop;
use crate::project::{Command, Output, Project, input_variable, upper};

/// The environment that dp passes to the programs that it runs.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// dp's environment variables.
    pub environment: BTreeMap<String, String>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The accesses that count as noise.
    pub noise: Noise,
    /// The owners of paths.
    pub owners: Owners,
    /// Whether dp only compares files and does not ask the kernel what programs do.
    pub compare_only: bool,
}

impl Surroundings {
    /// Returns the surroundings of a project, with dp's environment variables.
    pub fn new(project: &Project, environment: &BTreeMap<String, String>) -> Self {
        let owners = Owners::of(project);
        let home = environment.get("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        Self {
            noise: Noise::new(&project.root, home.as_deref(), &project.settings.noise, owners.placed()),
            owners,
            compare_only: environment.get("__DP_TEST_OBSERVE").is_some_and(|how| how == "compare"),
            environment: environment.clone(),
            home,
        }
    }
}

/// Variables that every program gets from dp's own environment, if they are set, in addition to all that start with
/// `LC_`.
const PASSED_ON: [&str; 7] = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE"];

/// Everything that a run of a program needs.
#[derive(Debug)]
pub(in crate::run) struct Given {
    pub asset: AssetName,
    pub root: PathBuf,
    pub command: Command,
    pub program: Arc<ProgramFacts>,
    pub inputs: Vec<(AssetName, InputFile)>,
    pub run: RunId,
    pub environment: String,
    pub timezone: String,
    pub surroundings: Arc<Surroundings>,
    /// The columns that the program's table must have, with the types that the asset's file declares.
    pub contract: Vec<(String, Option<String>)>,
    /// The contract columns whose values the reader may change in a conversion.
    pub lenient: BTreeSet<String>,
    /// Whether the result becomes stale with time.
    pub refreshes: bool,
    pub stop: Stop,
}

/// Where the rows of an input are.
#[derive(Clone, Debug)]
pub(in crate::run) enum InputFile {
    /// A file of the store; the program gets a copy.
    Stored(PathBuf),
    /// A query that returns the rows.
    Query(String),
}

/// The folder of one attempt.
#[derive(Clone, Debug)]
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.0.join("tmp")
    }

    /// The path of the program's table.
    pub(super) fn output(&self, output: &Output) -> PathBuf {
        self.0.join(format!("output.{}", extension(output)))
    }

    /// The path of one of several tables.
    pub(super) fn table(&self, name: &str) -> PathBuf {
        self.0.join("tables").join(name)
    }

    /// The path of a further file.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join("files").join(name)
    }

    /// The path of the file with the rows of an input.
    pub(super) fn input(&self, name: &AssetName, format: ExportFormat) -> PathBuf {
        self.0.join("inputs").join(format!("{name}.{}", format.extension()))
    }

    /// The path of the temporary file for computed rows.
    pub(super) fn computed(&self) -> PathBuf {
        self.0.join("inputs").join(".computed.parquet")
    }
}

pub(super) fn extension(output: &Output) -> &'static str {
    match output.format {
        crate::model::Format::Csv => "csv",
        crate::model::Format::Json => "json",
        crate::model::Format::Ndjson => "ndjson",
        crate::model::Format::Parquet => "parquet",
    }
}

impl Given {
    /// The working folder of the program.
    pub(super) fn working_folder(&self) -> PathBuf {
        match &self.command.working_dir {
            Some(folder) => self.root.join(folder),
            None => self.root.clone(),
        }
    }

    /// The path of an input's file in an attempt.
    pub(super) fn input_file(&self, place: &Place, name: &AssetName) -> PathBuf {
        place.input(name, self.command.input_format)
    }

    /// The paths at which an attempt leaves its outputs.
    pub(super) fn outputs(&self, place: &Place) -> Vec<PathBuf> {
        let output = self.command.output.as_ref().map(|output| place.output(output));
        let tables = self.command.outputs.keys().map(|name| place.table(name));
        let files = self.command.files.iter().map(|made| place.file(&made.name));
        output.into_iter().chain(tables).chain(files).collect()
    }

    /// Returns the whole environment of an attempt; later entries win.
    pub(super) fn environment(&self, place: &Place) -> Vec<(OsString, OsString)> {
        let mut environment: BTreeMap<String, OsString> = self.of_dp();
        environment.insert("TZ".to_owned(), self.timezone.clone().into());
        environment.insert("TMPDIR".to_owned(), place.temporary().into());
        // Bytecode from an earlier run would hide which sources are read.
        environment.insert("PYTHONPYCACHEPREFIX".to_owned(), place.temporary().join("pycache").into());
        environment
            .extend(self.program.environment.iter().map(|(name, value)| (name.clone(), value.text.clone().into())));
        environment.insert("DP_ASSET".to_owned(), self.asset.to_string().into());
        environment.insert("DP_RUN".to_owned(), self.run.to_string().into());
        environment.insert("DP_ENVIRONMENT".to_owned(), self.environment.clone().into());
        environment.insert("DP_VARS".to_owned(), self.variables().to_string().into());
        if let Some(output) = &self.command.output {
            environment.insert("DP_OUTPUT".to_owned(), place.output(output).into());
        }
        for name in self.command.outputs.keys() {
            environment.insert(format!("DP_OUTPUT_{}", upper(name)), place.table(name).into());
        }
        for made in &self.command.files {
            environment.insert(format!("DP_FILE_{}", upper(&made.name)), place.file(&made.name).into());
        }
        for (name, _) in &self.inputs {
            let file = self.input_file(place, name);
            environment.insert(format!("DP_INPUT_{}", input_variable(name)), file.into());
        }
        // Last, so that nothing replaces it: dp finds remaining processes by it.
        environment.insert(MARK.to_owned(), place.folder().into());
        environment.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }

    /// Returns what every program gets from dp's own environment, and the entry that identifies its processes.
    pub(super) fn passed_on(&self, place: &Place) -> Vec<(OsString, OsString)> {
        let mut environment = self.of_dp();
        environment.insert(MARK.to_owned(), place.folder().into());
        environment.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }

    fn of_dp(&self) -> BTreeMap<String, OsString> {
        let own = &self.surroundings.environment;
        let passed_on = own.iter().filter(|(name, _)| PASSED_ON.contains(&name.as_str()) || name.starts_with("LC_"));
        passed_on.map(|(name, value)| (name.clone(), value.into())).collect()
    }

    /// The environment entry that identifies the processes of an attempt.
    pub(super) fn mark(place: &Place) -> OsString {
        let mut mark = OsString::from(format!("{MARK}="));
        mark.push(place.folder());
        mark
    }

    fn variables(&self) -> serde_json::Value {
        let value = |scalar: &Scalar| match scalar {
            Scalar::String(text) => serde_json::Value::from(text.as_str()),
            Scalar::Integer(number) => (*number).into(),
            Scalar::Float(number) => (*number).into(),
            Scalar::Boolean(value) => (*value).into(),
            Scalar::Date(date) => date.to_string().into(),
        };
        self.command.variables.iter().map(|(name, scalar)| (name.clone(), value(scalar))).collect()
    }
}

/// The variable that holds the folder of an attempt.
const MARK: &str = "DP_WORK";
