//! A synthetic pipeline of any size and shape, as a dp project.
//!
//! Layers of SQL assets, each of which joins two of the layer before on a key and keeps every row. What is
//! in it is a value ([`Pipeline::queries`]), so that the same SQL can be written for other tools, or run
//! straight through an engine.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

/// How the assets depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Ten layers.
    Layers,
    /// Two layers.
    Wide,
    /// A chain: each asset reads the one before, and a source.
    Deep,
}

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pipeline {
    /// The SQL assets; the sources are one for each hundred, and at least two.
    pub(crate) assets: usize,
    pub(crate) shape: Shape,
    /// The rows of each source, and so of each asset.
    pub(crate) rows: usize,
}

/// One SQL asset.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) inputs: [String; 2],
    pub(crate) sql: String,
    index: usize,
}

impl Query {
    pub(crate) fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The same with another literal in it; 1 is what it is generated with.
    pub(crate) fn edited(&self, literal: usize) -> Self {
        Self {
            sql: sql(&self.inputs, self.index, literal),
            ..self.clone()
        }
    }

    /// Writes its TOML.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        fs::write(toml_file(folder, &self.full_name()), self.toml())
    }

    fn toml(&self) -> String {
        format!(
            "kind = \"sql\"\ndescription = \"Joins {} and {}\"\nsql = \"\"\"\n{}\n\"\"\"\n",
            self.inputs[0], self.inputs[1], self.sql
        )
    }
}

impl Pipeline {
    pub(crate) fn sources(&self) -> usize {
        (self.assets / 100).max(2)
    }

    fn layers(&self) -> usize {
        match self.shape {
            Shape::Layers => 10.min(self.assets),
            Shape::Wide => 2.min(self.assets),
            Shape::Deep => self.assets,
        }
    }

    /// Every SQL asset, inputs first.
    pub(crate) fn queries(&self) -> Vec<Query> {
        let layers = self.layers();
        let width = self.assets.div_ceil(layers);
        (0..self.assets)
            .map(|i| {
                let (layer, at) = (i / width, i % width);
                let name = |layer: usize, at: usize| match self.shape {
                    Shape::Deep => ("chain".to_owned(), format!("a{layer}")),
                    Shape::Layers | Shape::Wide => (format!("l{layer}"), format!("a{at}")),
                };
                let asset = |at: usize| {
                    let (schema, name) = name(layer - 1, at);
                    format!("{schema}.{name}")
                };
                let source = |at: usize| format!("raw.s{}", at % self.sources());
                let other = (at * 7 + 3) % width;
                let inputs = match (layer, self.shape) {
                    (0, _) => [source(at), source(at + 1)],
                    (_, Shape::Deep) => [asset(0), source(layer)],
                    (_, _) if other == at => [asset(at), asset((at + 1) % width)],
                    (_, _) => [asset(at), asset(other)],
                };
                let (schema, name) = name(layer, at);
                let sql = sql(&inputs, i, 1);
                Query {
                    schema,
                    name,
                    inputs,
                    sql,
                    index: i,
                }
            })
            .collect()
    }

    /// The rows of a source as CSV.
    pub(crate) fn csv(&self, source: usize) -> String {
        let mut text = String::from("id,grp,amount,day,label\n");
        for id in 0..self.rows {
            let (group, amount, day) = (id % 17, (id * 31 + source * 7) % 1009, 1 + id % 28);
            let _ = writeln!(text, "{id},{group},{amount},2024-01-{day:02},label {}", (id + source) % 97);
        }
        text
    }

    /// Writes the project, which must not be there yet.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder.join("data"))?;
        fs::create_dir_all(folder.join("assets/raw"))?;
        fs::write(folder.join("dp.toml"), "[project]\nname = \"bench\"\n")?;
        (0..self.sources()).into_par_iter().try_for_each(|source| {
            fs::write(folder.join(format!("data/s{source}.csv")), self.csv(source))?;
            let toml = format!("kind = \"source\"\n\n[source]\npath = \"data/s{source}.csv\"\n");
            fs::write(folder.join(format!("assets/raw/s{source}.toml")), toml)
        })?;
        let queries = self.queries();
        let schemas: BTreeSet<&str> = queries.iter().map(|query| query.schema.as_str()).collect();
        for schema in schemas {
            fs::create_dir_all(folder.join("assets").join(schema))?;
        }
        queries.par_iter().try_for_each(|query| query.write(folder))
    }
}

/// The file of an asset.
pub(crate) fn toml_file(folder: &Path, name: &str) -> PathBuf {
    folder.join("assets").join(format!("{}.toml", name.replace('.', "/")))
}

/// Joins two inputs on their key; the sums stay small however deep the pipeline is.
fn sql(inputs: &[String; 2], index: usize, literal: usize) -> String {
    let [left, right] = inputs;
    format!(
        "select
    l.id,
    l.grp,
    (l.amount + r.amount * {literal} + {index}) % 1009 as amount,
    greatest(l.day, r.day) as day,
    case when l.amount > r.amount then l.label else r.label end as label
from {left} as l
join {right} as r on r.id = l.id
where l.amount >= 0"
    )
}
