use miette::Diagnostic;
use thiserror::Error;

use crate::base::diagnostic::{Problem, Span};
use crate::seam::{EngineError, ErrorKind};
use crate::sql::SqlText;

/// A mistake in a query, or a mismatch between a query and its declaration.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SqlError {
    #[error("{message}")]
    #[diagnostic(code(dp::sql::syntax), help("correct the query here"))]
    Syntax {
        message: String,
        #[label("the parser stops here")]
        span: Span,
    },

    #[error("the SQL contains {count} statements, but an asset has one query")]
    #[diagnostic(code(dp::sql::statements), help("keep one query: SELECT, VALUES, FROM or a set operation of them"))]
    Statements {
        count: usize,
        #[label("one query belongs here")]
        span: Span,
    },

    #[error("the query is empty")]
    #[diagnostic(code(dp::sql::empty), help("write one query: SELECT, VALUES, FROM or a set operation of them"))]
    Empty {
        #[label("a query belongs here")]
        span: Span,
    },

    #[error("dp does not run {what}")]
    #[diagnostic(code(dp::sql::refused))]
    Refused {
        what: String,
        #[help]
        help: String,
        #[label("not possible in an asset")]
        span: Span,
    },

    #[error("{message}")]
    #[diagnostic(code(dp::sql::unknown_column), help("use a column of the inputs; `dp show ASSET` lists them"))]
    UnknownColumn {
        message: String,
        #[label("no such column")]
        span: Span,
    },

    #[error("{message}")]
    #[diagnostic(code(dp::sql::binding), help("correct the query here"))]
    Binding {
        message: String,
        #[label("the engine can't bind this")]
        span: Span,
    },

    #[error("column `{column}` is {found}, but the contract says {expected}")]
    #[diagnostic(
        code(dp::sql::contract_type),
        help("cast it in the query (`… :: {expected} as {column}`), or change `type`")
    )]
    ContractType {
        column: String,
        found: String,
        expected: String,
        #[label("the contract")]
        span: Span,
    },

    #[error("column `{column}` does not exist")]
    #[diagnostic(code(dp::sql::contract_column))]
    ContractColumn {
        column: String,
        #[help]
        help: String,
        #[label("not a column of the result")]
        span: Span,
    },

    #[error("`{written}` is not a type of the engine")]
    #[diagnostic(
        code(dp::sql::unknown_type),
        help("write a type of DuckDB, such as `BIGINT`, `VARCHAR`, `DECIMAL(10, 2)` or `TIMESTAMP`")
    )]
    UnknownType {
        written: String,
        #[label("not a type")]
        span: Span,
    },

    #[error("two columns have the name `{column}`")]
    #[diagnostic(
        code(dp::sql::duplicate_column),
        help("rename one of them with `as`; column names are not case-sensitive")
    )]
    DuplicateColumn {
        column: String,
        #[label("this query returns both")]
        span: Span,
    },

    #[error("dp can't store column `{column}`: {why}")]
    #[diagnostic(code(dp::sql::unstorable))]
    Unstorable {
        column: String,
        why: String,
        #[help]
        help: String,
        #[label("this query returns the column")]
        span: Span,
    },

    #[error("dp can't read `{path}`: {message}")]
    #[diagnostic(
        code(dp::sql::unreadable_source),
        help("correct the file, or describe its format under `options` in [source]")
    )]
    UnreadableSource {
        path: String,
        message: String,
        #[label("these files")]
        span: Span,
    },

    #[error("the columns of the files of `{asset}` changed: {changes}")]
    #[diagnostic(
        code(dp::source::changed),
        help(
            "correct the files, or declare the columns with `[columns.NAME] type`; to accept the change, set `on_schema_change = \"ask\"` (for new columns also \"add\")"
        )
    )]
    SchemaChanged {
        asset: String,
        changes: String,
        #[label("`on_schema_change` refuses it")]
        span: Span,
    },

    #[error("check `{check}`: {message}")]
    #[diagnostic(code(dp::sql::check), help("correct the check here"))]
    Check {
        check: String,
        message: String,
        #[label("this check")]
        span: Span,
    },

    #[error("the engine does not know the time zone `{timezone}`")]
    #[diagnostic(code(dp::sql::timezone))]
    Timezone {
        timezone: String,
        #[help]
        help: String,
        #[label("unknown time zone")]
        span: Span,
    },

    #[error("{what} needs the extension `icu`, which the engine of dp does not include")]
    #[diagnostic(
        code(dp::sql::icu),
        help("see docs/reference/time-zones.md for the supported functions and replacements for the others")
    )]
    Icu {
        what: String,
        #[label("not possible here")]
        span: Span,
    },

    #[error("other DuckDB clients compute the view `{asset}` in their own time zone: {why}")]
    #[diagnostic(
        code(dp::sql::view_zone),
        severity(Warning),
        help(
            "name the zone, as in `date_trunc('day', seen_at AT TIME ZONE 'Europe/Berlin')`, or set `materialize = \"table\"`"
        )
    )]
    ViewZone {
        asset: String,
        why: String,
        #[label("depends on the session's time zone")]
        span: Span,
    },

    #[error("column `{column}` has the collation `{collation}`, which a stored table can't keep")]
    #[diagnostic(
        code(dp::sql::collation),
        help(
            "remove the collation here with `… collate \"C\" as {column}`, and use it in comparisons, as in `where {column} collate {collation} = 'x'`"
        )
    )]
    Collation {
        column: String,
        collation: String,
        #[label("a table and a view would give different results")]
        span: Span,
    },

    #[error("the result of `{asset}` depends on the time of the build: {why}")]
    #[diagnostic(
        code(dp::sql::unstable),
        severity(Warning),
        help("set `refresh = \"24h\"` (or \"always\") so that dp rebuilds it, or take the time from a variable")
    )]
    Unstable {
        asset: String,
        why: String,
        #[label("no `refresh` is set")]
        span: Span,
    },
}

/// Returns the engine's error about a query as a problem at its place in the user's file.
pub(super) fn sql_problem(sql: &SqlText, error: &EngineError) -> Problem {
    let span = error.offset.map_or_else(|| sql.span(), |offset| sql.locate(offset));
    let message = sentence(&error.message);
    let error = match &error.kind {
        ErrorKind::NeedsIcu(what) => SqlError::Icu {
            what: what.clone(),
            span,
        },
        ErrorKind::Syntax => SqlError::Syntax { message, span },
        ErrorKind::Statements(0) => SqlError::Empty { span: sql.span() },
        ErrorKind::Statements(count) => SqlError::Statements {
            count: *count,
            span: sql.span(),
        },
        ErrorKind::NotAQuery => SqlError::Refused {
            what: "a statement other than a query".to_owned(),
            help: "write one query: SELECT, VALUES, FROM or a set operation of them; PIVOT needs its values, \
                   `in (…)`"
                .to_owned(),
            span: sql.span(),
        },
        ErrorKind::UnknownColumn(_) => SqlError::UnknownColumn { message, span },
        _ => SqlError::Binding { message, span },
    };
    Problem::in_file(sql.file(), error)
}

/// Returns the engine's message in dp's style: it starts in lower case and ends without a full stop.
pub(super) fn sentence(message: &str) -> String {
    let trimmed = message.trim().trim_end_matches(['.', '!']);
    let mut chars = trimmed.chars();
    let Some(first) = chars.next() else {
        return "the engine gave no reason".to_owned();
    };
    // A word in capitals is a name or a keyword.
    if chars.clone().next().is_some_and(char::is_uppercase) {
        return trimmed.to_owned();
    }
    first.to_lowercase().chain(chars).collect()
}
