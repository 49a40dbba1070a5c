//! All keys of a project's files: one list for the parser, the messages and the docs.

use super::Form;

/// The name of an asset's schema or table.
const NAME: &str = "^[a-z_][a-z0-9_]{0,62}$";
/// The pattern of an environment's name.
const ENVIRONMENT_NAME: &str = "^[a-z_][a-z0-9_-]{0,62}$";
/// Any name.
const ANY_NAME: &str = "";
/// `schema.name`, or a name in the schema `main`.
pub(super) const ASSET_NAME: &str = "^([a-z_][a-z0-9_]{0,62}\\.)?[a-z_][a-z0-9_]{0,62}$";
/// A path in the project: not empty, not absolute.
const INSIDE: &str = "^[^/]";
/// An amount of memory.
const AMOUNT: &str = "^\\s*[0-9.]+\\s*[A-Za-z]*$";
/// The name of an environment variable.
const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

const FORMATS: [&str; 4] = ["csv", "json", "ndjson", "parquet"];
const COMPRESSIONS: [&str; 3] = ["none", "gzip", "zstd"];
const PROGRAM_FORMATS: [&str; 3] = ["parquet", "csv", "ndjson"];
const JUDGEMENTS: [&str; 3] = ["record", "warn", "deny"];
const SEVERITIES: [&str; 2] = ["error", "warn"];

/// A TOML table and its keys.
#[derive(Debug)]
pub struct KeyTable {
    /// The name in messages: `an asset file`, `[source]`.
    pub title: &'static str,
    /// The names of the required keys.
    pub required: &'static [&'static str],
    /// The keys in canonical order: name, form, purpose.
    pub keys: &'static [(&'static str, Form, &'static str)],
}

impl KeyTable {
    /// Returns the names of the keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|(name, _, _)| *name)
    }
}

pub(super) const DP_TOML: KeyTable = KeyTable {
    title: "dp.toml",
    required: &["project"],
    keys: &[
        ("project", Form::Table(&PROJECT), "Name and requirements of the project"),
        (
            "vars",
            Form::Variables,
            "Variables for `${var.NAME}`: strings, integers, floats, booleans, dates; `--var NAME=VALUE` overrides them",
        ),
        (
            "environments",
            Form::Named(ENVIRONMENT_NAME, &ENVIRONMENT),
            "Environments beside `prod` that have their own `vars`",
        ),
        (
            "connections",
            Form::Named(ANY_NAME, &CONNECTION),
            "Named engines; the default is `warehouse`, the embedded DuckDB",
        ),
        ("defaults", Form::Table(&DEFAULTS), "Defaults for assets"),
        ("state", Form::Table(&STATE), "Retention of `dp gc`"),
        (
            "observation",
            Form::Table(&OBSERVATION),
            "Effects that dp expects of every program and hides in lists of effects",
        ),
    ],
};

pub(super) const PROJECT: KeyTable = KeyTable {
    title: "[project]",
    required: &["name"],
    keys: &[
        ("name", Form::Text, "The project's name; required"),
        ("requires", Form::Text, "Versions of dp that may run the project, such as `\">=0.1\"`"),
        ("timezone", Form::Text, "Time zone of the engine's session; part of every definition; default `UTC`"),
    ],
};

pub(super) const ENVIRONMENT: KeyTable = KeyTable {
    title: "[environments.NAME]",
    required: &[],
    keys: &[("vars", Form::Variables, "Values that replace those of [vars] in this environment")],
};

pub(super) const CONNECTION: KeyTable = KeyTable {
    title: "[connections.NAME]",
    required: &["engine"],
    keys: &[
        ("engine", Form::Word(&["duckdb"]), "`duckdb`; required"),
        ("path", Form::Pattern(INSIDE), "Folder for published data, relative to the project; default `warehouse`"),
        ("memory_limit", Form::Pattern(AMOUNT), "Memory limit of the engine, such as `\"4GB\"`"),
        ("threads", Form::Integer, "Threads of the engine; default: all cores"),
    ],
};

pub(super) const DEFAULTS: KeyTable = KeyTable {
    title: "[defaults]",
    required: &[],
    keys: &[
        ("connection", Form::Text, "The connection that assets use"),
        ("materialize", Form::Word(&["table", "view"]), "`table` or `view`, for `sql` assets without `materialize`"),
        (
            "effects",
            Form::Word(&JUDGEMENTS),
            "`record`, `warn` or `deny`, for commands without `effects`; default `warn`",
        ),
    ],
};

pub(super) const OBSERVATION: KeyTable = KeyTable {
    title: "[observation]",
    required: &[],
    keys: &[(
        "noise",
        Form::Texts,
        "Patterns of paths that count as noise, in addition to dp's own; `!` before a pattern excludes it",
    )],
};

pub(super) const STATE: KeyTable = KeyTable {
    title: "[state]",
    required: &[],
    keys: &[
        (
            "keep_runs",
            Form::Integer,
            "`dp gc` keeps what this number of last runs published in each environment; default 10",
        ),
        ("keep_for", Form::Duration, "`dp gc` also keeps versions withdrawn within this duration; default `\"24h\"`"),
    ],
};

pub(super) const ASSET: KeyTable = KeyTable {
    title: "an asset file",
    required: &["kind"],
    keys: &[
        (
            "kind",
            Form::Word(&["source", "sql", "command"]),
            "`source` (files from outside dp), `sql` (a query) or `command` (a program); required",
        ),
        ("name", Form::Pattern(ASSET_NAME), "`schema.name`; default: the file's folder and name"),
        ("description", Form::Text, "Documentation; never a reason to rebuild"),
        ("owner", Form::Text, "Documentation; never a reason to rebuild"),
        ("tags", Form::Texts, "Tags, for selection with `tag:NAME`"),
        (
            "materialize",
            Form::WordOrTable(&["table", "view"], &FILE),
            "`table`, `view`, or `{ file = \"out/x.csv\", format = \"csv\" }` (`csv`, `json`, `ndjson`, `parquet`)",
        ),
        ("refresh", Form::DurationOr("always"), "Age at which a version is stale, such as `\"24h\"`, or `\"always\"`"),
        ("protect", Form::Boolean, "dp never destroys the asset"),
        (
            "moved_from",
            Form::AssetOrAssets,
            "Previous name, or several, newest first: dp keeps the version under the new name, once per environment",
        ),
        ("depends_on", Form::Assets, "Inputs that the SQL does not name; dp treats each as read completely"),
        ("sql", Form::Text, "The query of an `sql` asset"),
        ("sql_file", Form::Pattern(INSIDE), "A file with the query, instead of `sql`, relative to the project"),
        ("source", Form::Table(&SOURCE), "The files of a `source` asset"),
        ("command", Form::Table(&COMMAND), "The program of a `command` asset"),
        ("output", Form::Table(&OUTPUT), "Format of the table that the program writes to `$DP_OUTPUT`"),
        (
            "outputs",
            Form::Named(NAME, &OUTPUT_TABLE),
            "Several tables: `[outputs.NAME]`, written to `$DP_OUTPUT_<NAME>`, is the asset `NAME` in the same schema",
        ),
        ("files", Form::Tables(&MADE_FILE), "Further files that the program writes"),
        (
            "effects",
            Form::Word(&JUDGEMENTS),
            "How dp treats undeclared effects of the command: `record`, `warn` or `deny`",
        ),
        ("allow", Form::Table(&ALLOW), "Expected effects of the command"),
        ("columns", Form::Named(ANY_NAME, &COLUMN), "Contracts, descriptions and checks of columns"),
        ("checks", Form::Tables(&CHECK), "Checks of the asset as a whole"),
    ],
};

pub(super) const COMMAND: KeyTable = KeyTable {
    title: "[command]",
    required: &["run"],
    keys: &[
        ("run", Form::Texts, "The program and its arguments, run without a shell; required"),
        ("files", Form::Texts, "Code that is part of the definition: paths or patterns in the project"),
        ("inputs", Form::Assets, "Assets that the program gets as files, at `$DP_INPUT_<SCHEMA>_<NAME>`"),
        (
            "input_format",
            Form::Word(&PROGRAM_FORMATS),
            "Format of these files: `parquet`, `csv` or `ndjson`; default `parquet`",
        ),
        ("vars", Form::Texts, "Variables of dp.toml that the program gets, in `$DP_VARS`"),
        (
            "env",
            Form::NamedTexts,
            "Environment variables; `${env.NAME}` inserts a secret value from dp's own environment",
        ),
        ("timeout", Form::Duration, "Longest time of one attempt, such as `\"10m\"`"),
        ("retries", Form::Integer, "How often dp retries a failed attempt; default 0"),
        ("working_dir", Form::Pattern(INSIDE), "Working folder, relative to the project; default: the project"),
    ],
};

pub(super) const OUTPUT: KeyTable = KeyTable {
    title: "[output]",
    required: &["format"],
    keys: &[
        ("format", Form::Word(&PROGRAM_FORMATS), "`parquet`, `csv` or `ndjson`; required"),
        ("options", Form::Anything, "Named parameters of DuckDB's reader"),
    ],
};

pub(super) const OUTPUT_TABLE: KeyTable = KeyTable {
    title: "[outputs.NAME]",
    required: &["format"],
    keys: &[
        ("format", Form::Word(&PROGRAM_FORMATS), "`parquet`, `csv` or `ndjson`; required"),
        ("options", Form::Anything, "Named parameters of DuckDB's reader"),
        ("description", Form::Text, "Documentation"),
        ("columns", Form::Named(ANY_NAME, &COLUMN), "Contracts, descriptions and checks of columns"),
        ("checks", Form::Tables(&CHECK), "Checks of this table"),
    ],
};

pub(super) const MADE_FILE: KeyTable = KeyTable {
    title: "[[files]]",
    required: &["name", "path"],
    keys: &[
        ("name", Form::Pattern(VARIABLE), "The program writes it to `$DP_FILE_<NAME>`; required"),
        ("path", Form::Pattern(INSIDE), "Path of the published file, relative to the project; required"),
    ],
};

pub(super) const ALLOW: KeyTable = KeyTable {
    title: "[allow]",
    required: &[],
    keys: &[
        ("read", Form::Texts, "Files and folders: relative to the project, absolute, or below `~`"),
        ("write", Form::Texts, "The same, for files and folders that it changes"),
        ("connect", Form::Texts, "`\"host:port\"`, `\"host\"`, or `\":port\"`"),
    ],
};

pub(super) const SOURCE: KeyTable = KeyTable {
    title: "[source]",
    required: &["path"],
    keys: &[
        ("path", Form::Pattern(INSIDE), "Pattern of the files, relative to the project; required"),
        ("format", Form::Word(&FORMATS), "`csv`, `json`, `ndjson` or `parquet`; default: from the extension"),
        ("options", Form::Anything, "Named parameters of DuckDB's reader; arrays become lists, tables become structs"),
        (
            "on_schema_change",
            Form::Word(&["ask", "add", "refuse"]),
            "If the columns of the files change: `add` (accepts only new columns and wider types), `ask` (needs approval for other changes; the default) or `refuse`",
        ),
    ],
};

pub(super) const FILE: KeyTable = KeyTable {
    title: "materialize",
    required: &["file"],
    keys: &[
        ("file", Form::Pattern(INSIDE), "Path of the file, relative to the project; required"),
        ("format", Form::Word(&FORMATS), "`csv`, `json`, `ndjson` or `parquet`; default: from the extension"),
        ("compression", Form::Word(&COMPRESSIONS), "`none`, `gzip` or `zstd`; default: from `.gz` or `.zst`"),
        ("delimiter", Form::Text, "Delimiter of a CSV file, one ASCII character; default: a comma"),
    ],
};

pub(super) const COLUMN: KeyTable = KeyTable {
    title: "[columns.NAME]",
    required: &[],
    keys: &[
        ("type", Form::Text, "The type the column must have"),
        (
            "cast",
            Form::Word(&["exact", "lenient"]),
            "How values of files are converted to the type: `exact` (a value that would change is an error; the default) or `lenient` (the engine converts it)",
        ),
        ("description", Form::Text, "Documentation"),
        (
            "checks",
            Form::WordsAndTables(&["not_null", "unique"], &COLUMN_CHECK),
            "`\"not_null\"`, `\"unique\"`, `{ range = { min = 1, max = 9 } }`, `{ accepted_values = [1, 2] }`",
        ),
    ],
};

pub(super) const COLUMN_CHECK: KeyTable = KeyTable {
    title: "a check of a column",
    required: &[],
    keys: &[
        ("not_null", Form::Boolean, "`true`: no NULL"),
        ("unique", Form::Boolean, "`true`: no duplicate values"),
        ("range", Form::Table(&RANGE), "`min` and `max`, both inclusive"),
        ("accepted_values", Form::Values, "Only these values"),
        ("name", Form::Text, "Name of the check"),
        ("severity", Form::Word(&SEVERITIES), "`error` (blocks publishing) or `warn`"),
    ],
};

pub(super) const CHECK: KeyTable = KeyTable {
    title: "[[checks]]",
    required: &[],
    keys: &[
        ("name", Form::Text, "Name of the check"),
        ("sql", Form::Text, "Each row that the query returns is a failure; `${this}` is the asset"),
        ("unique", Form::Texts, "No two rows have equal values in all of these columns"),
        ("references", Form::Table(&REFERENCES), "`columns`, `asset` and `to`: each value occurs in the other asset"),
        ("row_count", Form::Table(&ROW_COUNT), "`min` and `max`, both inclusive"),
        (
            "freshness",
            Form::Table(&FRESHNESS),
            "`column` and `max_age`: the newest value is at most this old when the check runs",
        ),
        ("severity", Form::Word(&SEVERITIES), "`error` (blocks publishing) or `warn`"),
    ],
};

pub(super) const RANGE: KeyTable = KeyTable {
    title: "range",
    required: &[],
    keys: &[("min", Form::Bound, "Smallest value allowed"), ("max", Form::Bound, "Largest value allowed")],
};

pub(super) const ROW_COUNT: KeyTable = KeyTable {
    title: "row_count",
    required: &[],
    keys: &[
        ("min", Form::Integer, "Smallest number of rows allowed"),
        ("max", Form::Integer, "Largest number of rows allowed"),
    ],
};

pub(super) const REFERENCES: KeyTable = KeyTable {
    title: "references",
    required: &["columns", "asset"],
    keys: &[
        ("columns", Form::Texts, "Columns of this asset"),
        ("asset", Form::Pattern(ASSET_NAME), "The other asset"),
        ("to", Form::Texts, "Columns of the other asset, in the same order; default: the same names"),
    ],
};

pub(super) const FRESHNESS: KeyTable = KeyTable {
    title: "freshness",
    required: &["column", "max_age"],
    keys: &[
        ("column", Form::Text, "A date or timestamp, read as UTC"),
        ("max_age", Form::Duration, "Such as `\"24h\"`"),
    ],
};

/// All tables, in the order of the reference.
pub const KEY_TABLES: &[&KeyTable] = &[
    &DP_TOML,
    &PROJECT,
    &ENVIRONMENT,
    &CONNECTION,
    &DEFAULTS,
    &STATE,
    &OBSERVATION,
    &ASSET,
    &SOURCE,
    &COMMAND,
    &OUTPUT,
    &OUTPUT_TABLE,
    &MADE_FILE,
    &ALLOW,
    &FILE,
    &COLUMN,
    &COLUMN_CHECK,
    &CHECK,
    &RANGE,
    &ROW_COUNT,
    &REFERENCES,
    &FRESHNESS,
];
