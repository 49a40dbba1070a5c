//! Functions of DuckDB 2.0 that need special treatment, from its documentation and source.
//!
//! A test asks `duckdb_functions()` and fails if a version of the engine has an unstable function that is in none of
//! these lists.

use crate::model::Format;

/// Table functions whose result depends only on their arguments.
pub const TABLE: &[&str] = &["range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree"];

/// Table functions that read files by path, with the format of the files.
pub const READERS: &[(&str, Format)] = &[
    ("read_csv", Format::Csv),
    ("read_csv_auto", Format::Csv),
    ("read_parquet", Format::Parquet),
    ("parquet_scan", Format::Parquet),
    ("read_json", Format::Json),
    ("read_json_auto", Format::Json),
    ("read_ndjson", Format::Ndjson),
    ("read_ndjson_auto", Format::Ndjson),
];

/// Functions that read settings, variables, the catalogue or the session.
pub const LOOKUPS: &[&str] = &[
    "alias",
    "currval",
    "current_catalog",
    "current_connection_id",
    "current_database",
    "current_query",
    "current_query_id",
    "current_role",
    "current_schema",
    "current_schemas",
    "current_setting",
    "current_transaction_id",
    "current_user",
    "format_type",
    "get_block_size",
    "getenv",
    "getvariable",
    "has_any_column_privilege",
    "has_column_privilege",
    "has_database_privilege",
    "has_foreign_data_wrapper_privilege",
    "has_function_privilege",
    "has_language_privilege",
    "has_schema_privilege",
    "has_sequence_privilege",
    "has_server_privilege",
    "has_table_privilege",
    "has_tablespace_privilege",
    "in_search_path",
    "json_serialize_plan",
    "json_serialize_sql",
    "nextval",
    "pg_conf_load_time",
    "pg_get_constraintdef",
    "pg_get_viewdef",
    "pg_postmaster_start_time",
    "query",
    "query_table",
    "session_user",
    "setval",
    "stats",
    "txid_current",
    "user",
    "vector_type",
    "version",
    "write_log",
];

/// Functions that return the current time.
pub const CLOCK: &[&str] = &[
    "ago",
    "current_date",
    "current_localtime",
    "current_localtimestamp",
    "get_current_time",
    "get_current_timestamp",
    "now",
    "today",
    "transaction_timestamp",
];

/// Words for the current time that are parsed like a column's name.
pub const CLOCK_WORDS: &[&str] = &["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"];

/// Words for session data that are parsed like a column's name.
pub const SESSION_WORDS: &[&str] =
    &["current_catalog", "current_role", "current_schema", "current_user", "session_user", "user"];

/// Functions that return another value at each call.
pub const VOLATILE: &[&str] = &["gen_random_uuid", "random", "setseed", "sleep_ms", "uuid", "uuidv4", "uuidv7"];

/// Aggregates whose result depends on the order of rows, including ties.
pub const ORDER_DEPENDENT: &[&str] = &[
    "any_value",
    "approx_quantile",
    "approx_top_k",
    "arbitrary",
    "arg_max",
    "arg_max_null",
    "arg_max_nulls_last",
    "arg_min",
    "arg_min_null",
    "arg_min_nulls_last",
    "argmax",
    "argmin",
    "array_agg",
    "entropy",
    "first",
    "group_concat",
    "histogram_exact",
    "json_group_array",
    "json_group_object",
    "json_group_structure",
    "last",
    "list",
    "listagg",
    "lttb",
    "max_by",
    "min_by",
    "mode",
    "reservoir_quantile",
    "string_agg",
];

/// Aggregates that count values, whichever of several equal ones they get.
pub const COUNTING: &[&str] = &["approx_count_distinct", "count", "count_star", "regr_count"];

/// Aggregates that sum: for floating-point numbers the result depends on the order of additions.
pub const FLOAT_DEPENDENT: &[&str] = &[
    "avg",
    "corr",
    "covar_pop",
    "covar_samp",
    "favg",
    "fsum",
    "geomean",
    "geometric_mean",
    "kahan_sum",
    "kurtosis",
    "kurtosis_pop",
    "max",
    "mean",
    "min",
    "product",
    "regr_avgx",
    "regr_avgy",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
    "sem",
    "skewness",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "sum_no_overflow",
    "sumkahan",
    "var_pop",
    "var_samp",
    "variance",
    "weighted_avg",
    "wavg",
];

/// Window functions that give equal rows equal results.
pub const TIE_SAFE_WINDOWS: &[&str] = &["rank", "dense_rank", "percent_rank", "cume_dist", "rank_dense"];
