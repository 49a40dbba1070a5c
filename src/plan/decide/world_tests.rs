//! A small project in memory: a table that everything reads, and an asset of each kind above it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::base::lazy_json::LazyJson;
use crate::definition::{Definition, DefinitionDocument, Written};
use crate::facts::{Analysis, CheckFacts, Facts};
use crate::graph::{Graph, Selection};
use crate::model::{
    AssetName, Column, Columns, Digest, FileInput, InputRead, ListContent, Observed, ProgramFacts, ProgramRun, RunId,
    Schema, Seen, Shape, StoredFile, Version, VersionId,
};
use crate::plan::decide::{Candidates, Evidence, Inputs, Request, lookup};
use crate::plan::{Options, Plan, hold, known, observed_key, version_key};
use crate::project::{Asset, LoadOptions, Project, load};
use crate::seam::{LedgerRead, PastBuild, Published, RecordError, Snapshot};

const FILES: [(&str, &str); 7] = [
    ("dp.toml", "[project]\nname = \"shop\"\n"),
    ("assets/t/up.toml", "kind = \"sql\"\nsql = \"select 1 as a, 2 as b\"\n"),
    ("assets/t/table.toml", "kind = \"sql\"\nsql = \"select a from t.up\"\n"),
    ("assets/t/file.toml", "kind = \"sql\"\nmaterialize = { file = \"out/file.csv\" }\nsql = \"select a from t.up\"\n"),
    ("assets/t/view.toml", "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select a from t.up\"\n"),
    (
        "assets/t/program.toml",
        "kind = \"command\"\noutput = { format = \"csv\" }\n[command]\nrun = [\"true\"]\ninputs = [\"t.up\"]\n",
    ),
    ("assets/t/reader.toml", "kind = \"sql\"\nsql = \"select a from t.table\"\n"),
];

/// The time of every plan.
pub(super) fn now() -> Timestamp {
    Timestamp::from_second(1_000_000).expect("a time in range")
}

pub(super) fn name(name: &str) -> AssetName {
    name.parse().expect("a name")
}

pub(super) fn digest(text: &str) -> Digest {
    Digest::of("test", [text])
}

pub(super) fn only(columns: &[&str]) -> Columns {
    Columns::Only(columns.iter().map(|column| (*column).to_owned()).collect())
}

pub(super) fn file(path: &str, bytes: &str) -> FileInput {
    FileInput {
        path: path.to_owned(),
        hash: digest(bytes),
        bytes: 1,
    }
}

/// Declared, published, stored and observed values, which a test changes before it plans.
#[derive(Clone)]
pub(super) struct World {
    pub(super) project: Project,
    pub(super) facts: BTreeMap<AssetName, Facts>,
    pub(super) snapshot: Snapshot,
    pub(super) observed: Observed,
    /// The stored versions, newest first.
    pub(super) versions: Vec<Version>,
    /// Whether each check passed, by key.
    pub(super) results: BTreeMap<Digest, bool>,
    pub(super) replace: BTreeSet<AssetName>,
    pub(super) destroy: bool,
    pub(super) resume: bool,
}

fn project() -> Project {
    static PROJECT: OnceLock<Project> = OnceLock::new();
    let project = PROJECT.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in FILES {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let loaded = load(folder.path(), &LoadOptions::default()).expect("dp.toml");
        assert!(!loaded.problems.has_errors(), "{:?}", loaded.problems);
        loaded.project.expect("a project")
    });
    project.clone()
}

fn schema() -> Schema {
    let column = |name: &str| Column {
        name: name.to_owned(),
        data_type: "INTEGER".to_owned(),
    };
    Schema(vec![column("a"), column("b")])
}

fn facts(asset: &Asset, reads: &[(&str, Columns)]) -> Facts {
    let definition =
        Definition::new(asset.kind_word(), asset.materialize.word().to_owned(), &BTreeMap::from([seed(asset)]));
    let program = asset.command().map(|_| {
        Arc::new(ProgramFacts {
            file: PathBuf::from("/bin/true"),
            found: PathBuf::from("/bin/true"),
            hash: digest("program"),
            code: Vec::new(),
            environment: BTreeMap::new(),
        })
    });
    Facts {
        definition: definition.fingerprint(),
        document: DefinitionDocument {
            definition,
            written: Written::default(),
        },
        schema: schema(),
        plan: program.is_none().then(|| digest("plan")),
        lineage: Arc::new(LazyJson::default()),
        unstable: BTreeSet::new(),
        reads_clock: false,
        inputs: reads.iter().map(|(input, _)| name(input)).collect(),
        reads: reads.iter().map(|(input, columns)| (name(input), columns.clone())).collect(),
        shape: None,
        files: Vec::new(),
        reading: None,
        schema_changes: Vec::new(),
        asks: false,
        checks: Vec::new(),
        sql: String::new(),
        located: None,
        named_query: None,
        program,
        awaits: BTreeSet::new(),
        may_differ: false,
        contract: Vec::new(),
    }
}

/// A setting that makes the definition of each asset another one.
fn seed(asset: &Asset) -> (String, String) {
    ("asset".to_owned(), asset.name.to_string())
}

impl World {
    /// Everything is published as it is declared.
    pub(super) fn new() -> Self {
        let project = project();
        let reads_a = |of: &'static str| vec![(of, only(&["a"]))];
        let facts = project.assets.values().map(|asset| {
            let reads = match asset.name.as_str() {
                "t.up" => Vec::new(),
                "t.program" => vec![("t.up", Columns::All)],
                "t.reader" => reads_a("t.table"),
                _ => reads_a("t.up"),
            };
            (asset.name.clone(), facts(asset, &reads))
        });
        let mut world = Self {
            facts: facts.collect(),
            project,
            snapshot: Snapshot::default(),
            observed: Observed {
                at: now(),
                ..Observed::default()
            },
            versions: Vec::new(),
            results: BTreeMap::new(),
            replace: BTreeSet::new(),
            destroy: false,
            resume: false,
        };
        for asset in ["t.up", "t.table", "t.file", "t.view", "t.program", "t.reader"] {
            world.publish(asset, "rows");
        }
        world
    }

    /// What is published, as inputs.
    pub(super) fn contents(&self) -> Inputs {
        self.snapshot.published.iter().map(|(name, there)| (name.clone(), known(&there.version))).collect()
    }

    /// Stores a version of an asset as it is declared, made from what is published; `rows` says which rows it has.
    pub(super) fn store(&mut self, asset: &str, rows: &str) -> Version {
        let version = self.made(&name(asset), rows, &self.contents());
        self.versions.insert(0, version.clone());
        version
    }

    /// Publishes such a version.
    pub(super) fn publish(&mut self, asset: &str, rows: &str) {
        let version = self.store(asset, rows);
        self.point(version);
    }

    /// Publishes a version.
    pub(super) fn point(&mut self, version: Version) {
        let published = Published {
            since: version.created,
            run: version.run,
            damaged: None,
            settings: self.project.assets.get(&version.asset).map(Asset::behaviour),
            version,
        };
        self.snapshot.published.insert(published.version.asset.clone(), published);
    }

    /// Returns the version that a build makes of these inputs.
    pub(super) fn made(&self, asset: &AssetName, rows: &str, contents: &Inputs) -> Version {
        let declared = &self.project.assets[asset];
        let facts = &self.facts[asset];
        let id = VersionId::random();
        let stored = |file: &str| StoredFile {
            path: format!(".dp/store/{asset}/{id}/{file}").parse().expect("a path"),
            bytes: 1,
            hash: digest(rows),
            mtime_ns: "0".to_owned(),
            ctime_ns: None,
        };
        let program = facts.program.as_ref().map(|_| ProgramRun {
            file: "/bin/true".to_owned(),
            version: None,
            seen: Seen::Observed,
            observed: Vec::new(),
            contacted: Vec::new(),
        });
        let key = version_key(facts, declared.is_computed(), contents, None).expect("all inputs are known");
        let ordered = program.is_some();
        let inputs = facts.reads.iter().map(|(input, columns)| {
            let read = crate::plan::content_read(contents, input, columns, None).expect("it is known");
            let bytes = crate::plan::bytes_read(contents, input).filter(|_| ordered);
            let crate::plan::decide::Input::Known { version, .. } = &contents[input] else {
                panic!("{input} is not known");
            };
            InputRead {
                name: input.to_string(),
                version: version.clone(),
                content: Some(bytes.unwrap_or(read.1)),
                columns: if ordered { Columns::All } else { read.0 },
                direct: true,
                ordered,
                read: None,
            }
        });
        let files = facts.files.iter().map(|file| InputRead {
            name: file.path.clone(),
            version: None,
            content: Some(file.hash.clone()),
            columns: Columns::All,
            read: None,
            direct: true,
            ordered: false,
        });
        let is_view = declared.is_computed();
        Version {
            key: observed_key(&key, &[]),
            asset: asset.clone(),
            definition: facts.definition.clone(),
            run: RunId(1),
            created: now(),
            schema: facts.schema.clone(),
            rows: Some(1),
            content: Some(digest(rows)),
            lists: vec![ListContent {
                columns: BTreeSet::from(["a".to_owned()]),
                content: digest(&format!("a of {rows}")),
            }],
            plan: facts.plan.clone(),
            data: (!is_view).then(|| stored("data.parquet")),
            export: declared.placed().next().map(|(path, _)| crate::model::Export {
                file: stored("export.csv"),
                path: path.parse().expect("a path"),
                format: crate::model::ExportFormat::Csv,
            }),
            files: Vec::new(),
            tables: BTreeMap::new(),
            reading: None,
            program,
            view_sql: is_view.then(|| "select 1".to_owned()),
            inputs: inputs.chain(files).collect(),
            engine: "duckdb v1".to_owned(),
            deterministic: facts.unstable.is_empty(),
            protected: false,
            by_hand: None,
            id,
        }
    }

    /// Adds a check of an asset that reads the asset itself.
    pub(super) fn check(&mut self, asset: &str, reads_clock: bool) {
        let check = CheckFacts {
            name: "small".to_owned(),
            kind: "sql",
            severity: crate::model::Severity::Error,
            definition: digest("check"),
            sql: String::new(),
            inputs: BTreeSet::from([name(asset)]),
            lineage: Arc::new(LazyJson::default()),
            reads: BTreeMap::from([(name(asset), only(&["a"]))]),
            reads_clock,
            rows: None,
        };
        self.declared(asset).checks.push(check);
    }

    pub(super) fn declared(&mut self, asset: &str) -> &mut Facts {
        self.facts.get_mut(&name(asset)).expect("a declared asset")
    }

    pub(super) fn asset(&mut self, asset: &str) -> &mut Asset {
        self.project.assets.get_mut(&name(asset)).expect("a declared asset")
    }

    pub(super) fn published(&mut self, asset: &str) -> &mut Version {
        &mut self.snapshot.published.get_mut(&name(asset)).expect("a published asset").version
    }

    /// Edits the definition of an asset.
    pub(super) fn edit(&mut self, asset: &str) {
        let facts = self.declared(asset);
        facts.document.definition.query = Some(digest("edited"));
        facts.definition = facts.document.definition.fingerprint();
        if facts.plan.is_some() {
            facts.plan = Some(digest("edited plan"));
        }
    }

    pub(super) fn analysis(&self) -> Analysis {
        let upstreams = self.facts.iter().map(|(name, facts)| (name.clone(), facts.inputs.clone())).collect();
        Analysis {
            graph: Graph::new(&upstreams).expect("no cycle"),
            facts: self.facts.clone(),
            engine: "duckdb v1".to_owned(),
            ..Analysis::default()
        }
    }

    pub(super) fn plan(&self) -> Plan {
        let options = Options {
            selection: Selection::All,
            replace: self.replace.clone(),
            destroy: self.destroy,
            resume: self.resume,
        };
        crate::plan::build(&self.project, &self.analysis(), &self.snapshot, &self.observed, self, &options)
            .expect("a plan")
    }
}

impl World {
    /// What decides about an asset with these inputs; `planned` is the version that a plan chose before.
    pub(super) fn evidence<'a>(
        &'a self,
        asset: &str,
        inputs: &'a Inputs,
        planned: Option<&'a VersionId>,
    ) -> Evidence<'a> {
        let (declared, facts) = (&self.project.assets[&name(asset)], &self.facts[&name(asset)]);
        let published = hold::names(declared).find_map(|name| self.snapshot.published.get(name));
        Evidence {
            asset: declared,
            facts,
            published,
            inputs,
            observed: &self.observed,
            held_back: hold::held_definition(&self.snapshot, declared, facts),
            request: Request {
                forced: self.replace.contains(&declared.name),
                resume: self.resume,
                planned,
            },
        }
    }

    /// Returns the stored versions that could be published.
    pub(super) fn candidates(&self, evidence: &Evidence<'_>) -> Candidates {
        let published = self.snapshot.published.values().map(|published| &published.version);
        let version = |id: &VersionId| -> Result<Option<Version>, RecordError> {
            Ok(self.versions.iter().chain(published).find(|version| version.id == *id).cloned())
        };
        lookup(evidence).fetch(&evidence.asset.name, self, version).expect("versions")
    }
}

impl LedgerRead for World {
    fn version_with_key(&self, asset: &AssetName, key: &Digest) -> Result<Option<Version>, RecordError> {
        let found = |version: &&Version| version.asset == *asset && version.key == *key && version.by_hand.is_none();
        Ok(self.versions.iter().find(found).cloned())
    }
    fn newest_versions(&self, asset: &AssetName, limit: usize) -> Result<Vec<Version>, RecordError> {
        Ok(self.versions.iter().filter(|version| version.asset == *asset).take(limit).cloned().collect())
    }
    fn check_result(&self, key: &Digest) -> Result<Option<bool>, RecordError> {
        Ok(self.results.get(key).copied())
    }
    fn shape(&self, _plan: &Digest) -> Result<Option<Shape>, RecordError> {
        Ok(None)
    }
    fn past_builds(&self, _asset: &AssetName, _limit: usize) -> Result<Vec<PastBuild>, RecordError> {
        Ok(Vec::new())
    }
    fn definition(&self, _fingerprint: &Digest) -> Result<Option<DefinitionDocument>, RecordError> {
        Ok(None)
    }
}
