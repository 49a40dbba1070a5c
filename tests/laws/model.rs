//! A small project as a value that can be edited, and the files it is written as.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Where a literal stands in SQL: the mark, its index, the mark.
pub(crate) const MARK: char = '§';

/// What a column holds, as far as the next query has to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    Int,
    Text,
    Decimal,
    Date,
    Bool,
    /// `BIGINT[]`.
    List,
    /// `STRUCT(a BIGINT, b VARCHAR)`.
    Struct,
    /// Anything that is only handed on.
    Other,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) data_type: Type,
}

#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) variable: i64,
    /// A comment and a variable nobody uses, in `dp.toml`.
    pub(crate) remarks: usize,
    pub(crate) assets: Vec<Asset>,
    /// The file that a query reads by itself.
    pub(crate) rates: Vec<i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Asset {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) body: Body,
    pub(crate) view: bool,
    pub(crate) description: usize,
    pub(crate) checks: Vec<Check>,
    /// At most so many rows, so that joins of joins stay small.
    pub(crate) rows: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Source(Source),
    Sql(Sql),
}

#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) json: bool,
    /// All types are declared; else only those that the reader would not guess.
    pub(crate) contract: bool,
    pub(crate) columns: Vec<Column>,
    /// Each file's rows; `None` is NULL.
    pub(crate) parts: Vec<Vec<Vec<Option<String>>>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Sql {
    /// `with … `.
    pub(crate) head: String,
    pub(crate) distinct: bool,
    pub(crate) items: Vec<Item>,
    /// `from …` to the end.
    pub(crate) rest: String,
    pub(crate) literals: Vec<i64>,
    /// How it is written down; none of this is part of the definition.
    pub(crate) style: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Item {
    Star { prefix: String, exclude: Vec<String>, rename: Vec<(String, String)>, columns: Vec<Column> },
    Expression { sql: String, column: Column },
}

#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) rule: Rule,
    pub(crate) warn: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Rule {
    RowCount(usize),
    NotNull(String),
    Unique(String),
    Rows(i64),
}

impl Item {
    pub(crate) fn columns(&self) -> Vec<Column> {
        match self {
            Self::Expression { column, .. } => vec![column.clone()],
            Self::Star {
                exclude,
                rename,
                columns,
                ..
            } => columns
                .iter()
                .filter(|column| !exclude.contains(&column.name))
                .map(|column| {
                    let renamed = rename.iter().find(|(from, _)| *from == column.name);
                    Column {
                        name: renamed.map_or(&column.name, |(_, to)| to).clone(),
                        ..column.clone()
                    }
                })
                .collect(),
        }
    }

    fn render(&self) -> String {
        match self {
            Self::Expression { sql, column } if sql.is_empty() => column.name.clone(),
            Self::Expression { sql, column } => format!("{sql} as {}", column.name),
            Self::Star {
                prefix,
                exclude,
                rename,
                ..
            } => {
                let mut text = format!("{prefix}*");
                if !exclude.is_empty() {
                    let _ = write!(text, " exclude ({})", exclude.join(", "));
                }
                if !rename.is_empty() {
                    let rename: Vec<_> = rename.iter().map(|(from, to)| format!("{from} as {to}")).collect();
                    let _ = write!(text, " rename ({})", rename.join(", "));
                }
                text
            }
        }
    }
}

impl Sql {
    fn render(&self) -> String {
        let items: Vec<_> = self.items.iter().map(Item::render).collect();
        let distinct = if self.distinct { "distinct " } else { "" };
        let text = match self.style % 3 {
            0 => format!("{}select {distinct}{}\n{}", self.head, items.join(", "), self.rest),
            1 => format!("{}SELECT   {distinct}{} -- the columns\n{}", self.head, items.join(",\n    "), self.rest),
            _ => format!("/* in a file */\n{}Select {distinct}{}\n{}\n\n", self.head, items.join("\n  , "), self.rest),
        };
        let parts: Vec<_> = text.split(MARK).collect();
        let parts = parts.iter().enumerate().map(|(i, part)| {
            if i % 2 == 0 { (*part).to_owned() } else { self.literals[part.parse::<usize>().unwrap_or(0)].to_string() }
        });
        parts.collect()
    }
}

impl Asset {
    pub(crate) fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The name as other queries say it.
    pub(crate) fn reference(&self) -> String {
        if self.schema == "main" { self.name.clone() } else { self.full_name() }
    }

    pub(crate) fn columns(&self) -> Vec<Column> {
        match &self.body {
            Body::Source(source) => source.columns.clone(),
            Body::Sql(sql) => sql.items.iter().flat_map(Item::columns).collect(),
        }
    }

    pub(crate) fn sql(&self) -> Option<String> {
        match &self.body {
            Body::Source(_) => None,
            Body::Sql(sql) => Some(sql.render()),
        }
    }

    fn file(&self) -> String {
        let folder = if self.schema == "main" { String::new() } else { format!("{}/", self.schema) };
        format!("assets/{folder}{}.toml", self.name)
    }

    fn write(&self, files: &mut BTreeMap<String, String>) {
        let mut toml = String::new();
        let kind = if matches!(self.body, Body::Source(_)) { "source" } else { "sql" };
        let mut keys = vec![format!("kind = \"{kind}\"")];
        if self.view {
            keys.push("materialize = \"view\"".to_owned());
        }
        match self.description % 3 {
            0 => {}
            1 => keys.push("description = \"What it is\"".to_owned()),
            _ => {
                keys.insert(0, "# a remark\nowner = \"somebody\"".to_owned());
                keys.push("tags = [\"daily\"]".to_owned());
            }
        }
        let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
        match &self.body {
            Body::Source(source) => {
                let extension = if source.json { "ndjson" } else { "csv" };
                let folder = format!("data/{}", self.name);
                let path = if source.parts.len() == 1 { "part0" } else { "*" };
                keys.push(format!("\n[source]\npath = \"{folder}/{path}.{extension}\""));
                for column in &source.columns {
                    let declared = match column.data_type {
                        Type::Int => "BIGINT",
                        Type::Text => "VARCHAR",
                        Type::Decimal => "DECIMAL(10,2)",
                        Type::Date => "DATE",
                        Type::Bool => "BOOLEAN",
                        Type::List => "BIGINT[]",
                        Type::Struct => "STRUCT(a BIGINT, b VARCHAR)",
                        Type::Other => continue,
                    };
                    if source.contract || column.data_type == Type::Decimal {
                        columns.entry(column.name.clone()).or_default().push(format!("type = \"{declared}\""));
                    }
                }
                for (i, rows) in source.parts.iter().enumerate() {
                    files.insert(format!("{folder}/part{i}.{extension}"), source.render(rows));
                }
            }
            Body::Sql(sql) if sql.style % 3 == 2 => {
                files.insert(format!("sql/{}.sql", self.name), sql.render());
                keys.push(format!("sql_file = \"sql/{}.sql\"", self.name));
            }
            Body::Sql(sql) => keys.push(format!("sql = \"\"\"\n{}\n\"\"\"", sql.render())),
        }
        let mut tables = String::new();
        for check in &self.checks {
            let severity = if check.warn { "\nseverity = \"warn\"" } else { "" };
            let rule = match &check.rule {
                Rule::RowCount(most) => format!("row_count = {{ min = 0, max = {most} }}"),
                Rule::NotNull(column) if !check.warn => {
                    columns.entry(column.clone()).or_default().push("checks = [\"not_null\"]".to_owned());
                    continue;
                }
                Rule::NotNull(column) => {
                    format!("name = \"no null\"\nsql = \"select * from ${{this}} where {column} is null\"")
                }
                Rule::Unique(column) => format!("unique = [\"{column}\"]"),
                Rule::Rows(n) => {
                    format!("name = \"never\"\nsql = \"select * from ${{this}} where {n} = ${{var.least}} + 100\"")
                }
            };
            let _ = write!(tables, "\n[[checks]]\n{rule}{severity}\n");
        }
        let _ = writeln!(toml, "{}", keys.join("\n"));
        for (column, lines) in columns {
            let _ = writeln!(toml, "\n[columns.{column}]\n{}", lines.join("\n"));
        }
        files.insert(self.file(), toml + &tables);
    }
}

impl Source {
    fn render(&self, rows: &[Vec<Option<String>>]) -> String {
        let mut text = String::new();
        if !self.json {
            let names: Vec<_> = self.columns.iter().map(|column| column.name.as_str()).collect();
            let _ = writeln!(text, "{}", names.join(","));
        }
        for row in rows {
            let cells: Vec<_> = (self.columns.iter().zip(row))
                .map(|(column, cell)| match (self.json, column.data_type, cell) {
                    (false, Type::List | Type::Struct, Some(cell)) => format!("\"{}\"", cell.replace('"', "\"\"")),
                    (false, _, cell) => cell.clone().unwrap_or_default(),
                    (true, _, None) => format!("\"{}\": null", column.name),
                    (true, Type::Text | Type::Date, Some(cell)) => format!("\"{}\": \"{cell}\"", column.name),
                    (true, _, Some(cell)) => format!("\"{}\": {cell}", column.name),
                })
                .collect();
            let _ = if self.json {
                writeln!(text, "{{{}}}", cells.join(", "))
            } else {
                writeln!(text, "{}", cells.join(","))
            };
        }
        text
    }
}

impl Project {
    /// Path and text of every file.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        let (remark, unused) = match self.remarks % 3 {
            0 => ("", ""),
            1 => ("# a project\n", ""),
            _ => ("", "unused = 7\n"),
        };
        let dp = format!("{remark}[project]\nname = \"law\"\n\n[vars]\nleast = {}\n{unused}", self.variable);
        files.insert("dp.toml".to_owned(), dp);
        let rates: Vec<_> = self.rates.iter().enumerate().map(|(i, rate)| format!("{i},{rate}\n")).collect();
        files.insert("data/rates.csv".to_owned(), format!("code,rate\n{}", rates.concat()));
        for asset in &self.assets {
            asset.write(&mut files);
        }
        files
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.assets.iter().map(Asset::full_name).collect()
    }
}
