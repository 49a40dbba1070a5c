use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{How, Hows};

/// Uses of columns: by input (`schema.name`, or `./` and the path of a file that the query reads directly), then by
/// column.
pub type ByColumn = BTreeMap<String, BTreeMap<String, Hows>>;

/// Where the columns and the rows of a query's result come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnLineage {
    /// The columns of the result, in order.
    pub outputs: Vec<OutputLineage>,
    /// What decides the row set and its order.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: ByColumn,
    /// Everything that is read, by input. Each scanned input is included, even if only its rows count; files that the
    /// query reads directly are not.
    pub reads: BTreeMap<String, ReadColumns>,
    /// Why the lineage is unknown, if it is. The fields above then contain a dependence on everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

/// The lineage of one result column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputLineage {
    /// The column's name.
    pub name: String,
    /// The columns that it is computed from, including those in conditions and windows of its expression.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: ByColumn,
}

/// The columns of an input that are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadColumns {
    /// These columns; if there are none, only the number of rows counts.
    Some(BTreeSet<String>),
    /// All columns, including ones that are added later.
    All,
}

impl ReadColumns {
    /// Whether a column is included.
    pub fn contains(&self, column: &str) -> bool {
        match self {
            Self::Some(columns) => columns.contains(column),
            Self::All => true,
        }
    }
}

impl ColumnLineage {
    /// Returns the lineage of a query without inputs: a source, or constants.
    pub fn of_columns<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let output = |name: &str| OutputLineage {
            name: name.to_owned(),
            sources: ByColumn::new(),
        };
        Self {
            outputs: names.into_iter().map(output).collect(),
            ..Self::default()
        }
    }

    /// Returns an unknown lineage: each output, and the rows, depend on all columns of all inputs.
    ///
    /// `inputs` are all inputs with their columns, also those read through views.
    pub fn unknown<'a>(
        reason: impl Into<String>,
        outputs: impl IntoIterator<Item = &'a str>,
        inputs: &BTreeMap<String, Vec<String>>,
    ) -> Self {
        let all = |how: How| -> ByColumn {
            let columns =
                |columns: &Vec<String>| columns.iter().map(|column| (column.clone(), Hows::of(how))).collect();
            inputs.iter().map(|(input, names)| (input.clone(), columns(names))).collect()
        };
        let output = |name: &str| OutputLineage {
            name: name.to_owned(),
            sources: all(How::Transformation),
        };
        Self {
            outputs: outputs.into_iter().map(output).collect(),
            rows: all(How::Filter),
            reads: inputs.keys().map(|input| (input.clone(), ReadColumns::All)).collect(),
            unknown: Some(reason.into()),
        }
    }

    /// Returns the output with a name, ignoring case.
    pub fn output(&self, name: &str) -> Option<&OutputLineage> {
        let exact = self.outputs.iter().find(|output| output.name == name);
        exact.or_else(|| self.outputs.iter().find(|output| output.name.eq_ignore_ascii_case(name)))
    }

    /// Replaces inputs that stand for files with the names of the files, and removes them from [`reads`](Self::reads):
    /// files are compared as wholes.
    pub fn name_files(&mut self, files: &BTreeMap<String, String>) {
        let uses = self.outputs.iter_mut().map(|output| &mut output.sources).chain([&mut self.rows]);
        for uses in uses {
            for (table, file) in files {
                if let Some(columns) = uses.remove(table) {
                    let known = uses.entry(file.clone()).or_default();
                    for (column, hows) in columns {
                        let all = known.entry(column).or_default();
                        *all = all.and(hows);
                    }
                }
            }
        }
        self.reads.retain(|input, _| !files.contains_key(input));
    }

    /// Adds an input that is read whole, as for `depends_on`.
    pub fn read_whole(&mut self, input: impl Into<String>) {
        self.reads.insert(input.into(), ReadColumns::All);
    }
}
