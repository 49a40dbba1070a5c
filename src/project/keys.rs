//! Every key that may stand in a project's files: one list for the reader, the messages and the docs.

/// A table of TOML and the keys it may have.
#[derive(Debug)]
pub struct KeyTable {
    /// As messages call it: `an asset file`, `[source]`.
    pub title: &'static str,
    /// The keys: name, type, what it is for.
    pub keys: &'static [(&'static str, &'static str, &'static str)],
}

impl KeyTable {
    /// Names of the keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|(name, _, _)| *name)
    }
}

pub(super) const DP_TOML: KeyTable = KeyTable {
    title: "dp.toml",
    keys: &[
        ("project", "table", "What the project is called and needs"),
        (
            "vars",
            "table",
            "Variables for `${var.NAME}`: strings, integers, floats, booleans, dates; `--var NAME=VALUE` wins",
        ),
        ("environments", "table of tables", "Environments beside `prod`, each with its own `vars`"),
        ("connections", "table of tables", "Named engines; without any there is `warehouse`, the embedded DuckDB"),
        ("defaults", "table", "What assets use unless they say otherwise"),
        ("state", "table", "What `dp gc` keeps"),
        ("observation", "table", "What is expected of every program and folded where effects are shown"),
    ],
};

pub(super) const PROJECT: KeyTable = KeyTable {
    title: "[project]",
    keys: &[
        ("name", "string", "The project's name; required"),
        ("requires", "string", "Versions of dp that may run the project, such as `\">=0.1\"`"),
        ("timezone", "string", "Time zone of the engine's session, `UTC` unless given; part of every definition"),
    ],
};

pub(super) const ENVIRONMENT: KeyTable = KeyTable {
    title: "[environments.NAME]",
    keys: &[("vars", "table", "Values that replace those of [vars] in this environment")],
};

pub(super) const CONNECTION: KeyTable = KeyTable {
    title: "[connections.NAME]",
    keys: &[
        ("engine", "string", "`duckdb`; required"),
        ("path", "string", "Folder for what is published, relative to the project; `warehouse` unless given"),
        ("memory_limit", "string", "Most memory the engine may use, such as `\"4GB\"`"),
        ("threads", "integer", "Threads of the engine; all cores unless given"),
    ],
};

pub(super) const DEFAULTS: KeyTable = KeyTable {
    title: "[defaults]",
    keys: &[
        ("connection", "string", "The connection that assets use"),
        ("materialize", "string", "`table` or `view`, for `sql` assets that do not say"),
        ("effects", "string", "`record`, `warn` or `deny`, for commands that do not say; `warn` unless given"),
    ],
};

pub(super) const OBSERVATION: KeyTable = KeyTable {
    title: "[observation]",
    keys: &[(
        "noise",
        "array of strings",
        "Patterns of paths that count as noise, beside dp's own; `!` before one takes it out again",
    )],
};

pub(super) const STATE: KeyTable = KeyTable {
    title: "[state]",
    keys: &[
        (
            "keep_runs",
            "integer",
            "`dp gc` keeps what the last so many runs published in each environment; 10 unless given",
        ),
        (
            "keep_for",
            "string",
            "And what was withdrawn less long ago than this, such as `\"24h\"`, which it is unless given",
        ),
    ],
};

pub(super) const ASSET: KeyTable = KeyTable {
    title: "an asset file",
    keys: &[
        (
            "kind",
            "string",
            "`source` (files that something else writes), `sql` (a query) or `command` (a program); required",
        ),
        ("name", "string", "`schema.name`, if it is not to be taken from the file's place"),
        ("description", "string", "For people; never a reason to rebuild"),
        ("owner", "string", "For people; never a reason to rebuild"),
        ("tags", "array of strings", "For selection with `tag:NAME`"),
        (
            "materialize",
            "string or table",
            "`table`, `view`, or `{ file = \"out/x.csv\", format = \"csv\" }` (`csv`, `json`, `ndjson`, `parquet`)",
        ),
        ("refresh", "string", "Age at which a version is stale, such as `\"24h\"`, or `\"always\"`"),
        ("protect", "boolean", "Never destroyed"),
        (
            "moved_from",
            "string",
            "What it was called before: its version is kept under the new name; acts once per environment",
        ),
        ("depends_on", "array of strings", "Inputs that the SQL can't show; the whole of each counts as read"),
        ("sql", "string", "The query of an `sql` asset"),
        ("sql_file", "string", "Or a file with the query, relative to the project"),
        ("source", "table", "The files of a `source` asset"),
        ("command", "table", "The program of a `command` asset"),
        ("output", "table", "How the program leaves its table at `$DP_OUTPUT`"),
        (
            "outputs",
            "table of tables",
            "Several tables: `[outputs.NAME]`, left at `$DP_OUTPUT_<NAME>`, is the asset `NAME` of the same schema",
        ),
        ("files", "array of tables", "Further files that the program makes"),
        (
            "effects",
            "string",
            "What becomes of effects that a command does not declare: `record`, `warn` or `deny` them",
        ),
        ("allow", "table", "Effects of a command that are no surprise"),
        ("columns", "table of tables", "Contracts, descriptions and checks of columns"),
        ("checks", "array of tables", "Checks of the asset as a whole"),
    ],
};

pub(super) const COMMAND: KeyTable = KeyTable {
    title: "[command]",
    keys: &[
        ("run", "array of strings", "The program and its arguments; no shell reads them; required"),
        ("files", "array of strings", "Code that is part of the definition: paths or patterns in the project"),
        ("inputs", "array of strings", "Assets that are handed over as files, at `$DP_INPUT_<SCHEMA>_<NAME>`"),
        ("input_format", "string", "How they are written: `parquet`, `csv` or `ndjson`; `parquet` unless given"),
        ("vars", "array of strings", "Variables of dp.toml that reach it, in `$DP_VARS`"),
        ("env", "table of strings", "Its environment; `${env.NAME}` stands for a value of dp's own, kept secret"),
        ("timeout", "string", "Longest time of one attempt, such as `\"10m\"`"),
        ("retries", "integer", "How often it is tried again when it fails; 0 unless given"),
        ("working_dir", "string", "Its working folder, relative to the project; the project itself unless given"),
    ],
};

pub(super) const OUTPUT: KeyTable = KeyTable {
    title: "[output]",
    keys: &[
        ("format", "string", "`parquet`, `csv` or `ndjson`; required"),
        ("options", "table", "Named parameters of DuckDB's reader"),
    ],
};

pub(super) const OUTPUT_TABLE: KeyTable = KeyTable {
    title: "[outputs.NAME]",
    keys: &[
        ("format", "string", "`parquet`, `csv` or `ndjson`; required"),
        ("options", "table", "Named parameters of DuckDB's reader"),
        ("description", "string", "For people"),
        ("columns", "table of tables", "Contracts, descriptions and checks of columns"),
        ("checks", "array of tables", "Checks of this table"),
    ],
};

pub(super) const MADE_FILE: KeyTable = KeyTable {
    title: "[[files]]",
    keys: &[
        ("name", "string", "The program leaves it at `$DP_FILE_<NAME>`; required"),
        ("path", "string", "Where it is put when it is published, relative to the project; required"),
    ],
};

pub(super) const ALLOW: KeyTable = KeyTable {
    title: "[allow]",
    keys: &[
        ("read", "array of strings", "Files and folders: relative to the project, absolute, or below `~`"),
        ("write", "array of strings", "The same, for what it changes"),
        ("connect", "array of strings", "`\"host:port\"`, `\"host\"`, or `\":port\"`"),
    ],
};

pub(super) const SOURCE: KeyTable = KeyTable {
    title: "[source]",
    keys: &[
        ("path", "string", "Pattern of the files, relative to the project; required"),
        ("format", "string", "`csv`, `json`, `ndjson` or `parquet`; from the extension unless given"),
        ("options", "table", "Named parameters of DuckDB's reader; arrays become lists, tables become structs"),
    ],
};

pub(super) const FILE: KeyTable = KeyTable {
    title: "materialize",
    keys: &[
        ("file", "string", "Where the file is put, relative to the project; required"),
        ("format", "string", "`csv`, `json`, `ndjson` or `parquet`; from the extension unless given"),
    ],
};

pub(super) const COLUMN: KeyTable = KeyTable {
    title: "[columns.NAME]",
    keys: &[
        ("type", "string", "The type the column must have"),
        ("description", "string", "For people"),
        (
            "checks",
            "array",
            "`\"not_null\"`, `\"unique\"`, `{ range = { min = 1, max = 9 } }`, `{ accepted_values = [1, 2] }`",
        ),
    ],
};

pub(super) const COLUMN_CHECK: KeyTable = KeyTable {
    title: "a check of a column",
    keys: &[
        ("not_null", "boolean", "`true`: no NULL"),
        ("unique", "boolean", "`true`: no value twice"),
        ("range", "table", "`min` and `max`, both inclusive"),
        ("accepted_values", "array", "Nothing but these values"),
        ("name", "string", "What the check is called"),
        ("severity", "string", "`error` (blocks publishing) or `warn`"),
    ],
};

pub(super) const CHECK: KeyTable = KeyTable {
    title: "[[checks]]",
    keys: &[
        ("sql", "string", "Each row that the query returns is a failure; `${this}` is the asset"),
        ("unique", "array of strings", "No two rows agree in all of these columns"),
        ("references", "table", "`columns`, `asset` and `to`: each value occurs there"),
        ("row_count", "table", "`min` and `max`, both inclusive"),
        ("freshness", "table", "`column` and `max_age`: the newest value is not older when the check runs"),
        ("name", "string", "What the check is called"),
        ("severity", "string", "`error` (blocks publishing) or `warn`"),
    ],
};

pub(super) const RANGE: KeyTable = KeyTable {
    title: "range",
    keys: &[
        ("min", "number, date or string", "The least value allowed"),
        ("max", "number, date or string", "The greatest value allowed"),
    ],
};

pub(super) const ROW_COUNT: KeyTable = KeyTable {
    title: "row_count",
    keys: &[("min", "integer", "At least so many rows"), ("max", "integer", "At most so many rows")],
};

pub(super) const REFERENCES: KeyTable = KeyTable {
    title: "references",
    keys: &[
        ("columns", "array of strings", "The columns here"),
        ("asset", "string", "The other asset"),
        ("to", "array of strings", "The columns there, in the same order; the same names unless given"),
    ],
};

pub(super) const FRESHNESS: KeyTable = KeyTable {
    title: "freshness",
    keys: &[("column", "string", "A date or timestamp, read as UTC"), ("max_age", "string", "Such as `\"24h\"`")],
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
