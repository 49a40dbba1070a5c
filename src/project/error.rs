use std::str::FromStr as _;

use miette::Diagnostic;
use thiserror::Error;

use crate::base::diagnostic::Span;
use crate::model::{EnvironmentName, NameError};

/// A mistake in `dp.toml` or an asset file.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ProjectError {
    #[error("no dp.toml in `{folder}` or in any folder above it")]
    #[diagnostic(
        code(dp::project::not_found),
        help("run `dp init` to create a project, or name one with `--project DIR`")
    )]
    NotFound { folder: String },

    #[error("no dp.toml in `{folder}`")]
    #[diagnostic(
        code(dp::project::not_there),
        help("correct `--project` (or `DP_PROJECT`), or create a project there: `dp init {folder}`")
    )]
    NotThere { folder: String },

    #[error("invalid TOML: {message}")]
    #[diagnostic(code(dp::project::syntax))]
    Syntax {
        message: String,
        #[help]
        help: &'static str,
        #[label("here")]
        span: Span,
    },

    #[error("the SQL contains a {what}, because `\\{escape}` is an escape inside double quotes")]
    #[diagnostic(
        code(dp::project::escape),
        severity(Warning),
        help("write the SQL between `'''`, where a backslash has no special meaning")
    )]
    Escape {
        what: &'static str,
        escape: char,
        #[label("this text")]
        span: Span,
    },

    #[error("dp does not read `{path}`: {why}")]
    #[diagnostic(code(dp::project::not_read), severity(Warning))]
    NotRead {
        path: String,
        why: &'static str,
        #[help]
        help: String,
    },

    #[error("could not format the file: {why}")]
    #[diagnostic(code(dp::project::cannot_format))]
    CannotFormat {
        why: String,
        #[help]
        help: String,
    },

    #[error("`{path}` is not UTF-8")]
    #[diagnostic(code(dp::project::encoding), help("save the file as UTF-8"))]
    Encoding { path: String },

    #[error("`moved_from = \"{name}\"`: `{name}` {why}")]
    #[diagnostic(
        code(dp::project::moved_from),
        help("give the asset's previous name, which is no longer in use; or remove `moved_from`")
    )]
    MovedFrom {
        name: String,
        why: String,
        #[label("not a former name")]
        span: Span,
    },

    #[error("unknown key `{key}` in {table}")]
    #[diagnostic(code(dp::project::unknown_key))]
    UnknownKey {
        key: String,
        table: String,
        #[help]
        help: String,
        #[label("not a key of {table}")]
        span: Span,
    },

    #[error("missing key `{key}` in {table}")]
    #[diagnostic(code(dp::project::missing_key))]
    MissingKey {
        key: String,
        table: String,
        #[help]
        help: String,
        #[label("`{key}` belongs here")]
        span: Span,
    },

    #[error("`{key}` is {found}, but must be {expected}")]
    #[diagnostic(code(dp::project::wrong_type))]
    WrongType {
        key: String,
        expected: String,
        found: String,
        #[help]
        help: String,
        #[label("expected {expected}")]
        span: Span,
    },

    #[error("`{key}` can't be `{value}`")]
    #[diagnostic(code(dp::project::bad_value))]
    BadValue {
        key: String,
        value: String,
        #[help]
        help: String,
        #[label("not accepted")]
        span: Span,
    },

    #[error("this check has no condition")]
    #[diagnostic(code(dp::project::no_check))]
    NoCheck {
        #[help]
        help: String,
        #[label("no condition here")]
        span: Span,
    },

    #[error("unknown kind `{kind}`")]
    #[diagnostic(code(dp::project::unknown_kind))]
    UnknownKind {
        kind: String,
        #[help]
        help: String,
        #[label("not a kind of asset")]
        span: Span,
    },

    #[error("{what} is not supported yet")]
    #[diagnostic(code(dp::project::unsupported))]
    Unsupported {
        what: String,
        #[help]
        help: String,
        #[label("not supported yet")]
        span: Span,
    },

    #[error("`{key}` does not belong to kind `{kind}`")]
    #[diagnostic(code(dp::project::key_of_other_kind), help("remove `{key}`, or change `kind`"))]
    KeyOfOtherKind {
        key: String,
        kind: String,
        #[label("not for kind `{kind}`")]
        span: Span,
    },

    #[error("`{first}` and `{second}` can't be used together")]
    #[diagnostic(code(dp::project::exclusive_keys), help("remove one of the two"))]
    ExclusiveKeys {
        first: String,
        second: String,
        #[label("first key")]
        first_span: Span,
        #[label("second key")]
        second_span: Span,
    },

    #[error("bad name: {source}")]
    #[diagnostic(code(dp::project::bad_name))]
    BadName {
        source: NameError,
        #[help]
        help: String,
        #[label("not a name for an asset")]
        span: Span,
    },

    #[error("two assets have the name `{name}`")]
    #[diagnostic(
        code(dp::project::duplicate_asset),
        help("rename one of the files, or set another `name` in one of them")
    )]
    DuplicateAsset {
        name: String,
        #[label("declared again here")]
        span: Span,
    },

    #[error("the schema `{schema}` has the same name as an environment")]
    #[diagnostic(
        code(dp::project::schema_is_environment),
        help(
            "rename the schema: the catalogue of that environment is also called `{schema}`, so names in SQL would be ambiguous"
        )
    )]
    SchemaIsEnvironment {
        schema: String,
        #[label("of `{schema}`")]
        span: Span,
    },

    #[error("`{what}` is defined twice")]
    #[diagnostic(code(dp::project::duplicate), help("remove one, or give it another name"))]
    Duplicate {
        what: String,
        #[label("first definition")]
        first: Span,
        #[label("second definition")]
        span: Span,
    },

    #[error("`{path}` does not exist")]
    #[diagnostic(
        code(dp::project::missing_file),
        help("create it, or correct the path, which is relative to the project")
    )]
    MissingFile {
        path: String,
        #[label("no such file")]
        span: Span,
    },

    #[error("`{path}` leads out of the project")]
    #[diagnostic(
        code(dp::project::outside),
        help("use a path relative to the project, without `..`, `~` and links that lead out of the project")
    )]
    Outside {
        path: String,
        #[label("not inside the project")]
        span: Span,
    },

    #[error("`{path}` matches no file")]
    #[diagnostic(
        code(dp::project::no_files),
        help("correct the path or the pattern (`*` within a folder, `**` across folders), or add the files")
    )]
    NoFiles {
        path: String,
        #[label("matches nothing")]
        span: Span,
    },

    #[error("`{path}` is not a valid pattern: {message}")]
    #[diagnostic(
        code(dp::project::bad_pattern),
        help(
            "correct the pattern: `*` and `?` match within a name, `**` across folders, `[ab]` one of several characters"
        )
    )]
    BadPattern {
        path: String,
        message: String,
        #[label("not a pattern")]
        span: Span,
    },

    #[error("could not find the program `{program}`")]
    #[diagnostic(code(dp::project::no_program))]
    NoProgram {
        program: String,
        #[help]
        help: String,
        #[label("no such program")]
        span: Span,
    },

    #[error("the environment variable `{name}` is not set")]
    #[diagnostic(
        code(dp::project::unset_variable),
        help("set it before you start dp: `export {name}=…`; dp does not record its value")
    )]
    UnsetVariable {
        name: String,
        #[label("uses `${{env.{name}}}`")]
        span: Span,
    },

    #[error("the value of `${name}` {why}, so dp can't keep it secret")]
    #[diagnostic(
        code(dp::project::weak_secret),
        help(
            "use a longer, unique value: dp masks the value of `${{env.{name}}}` in logs and messages, and this one would mask other text too. If it is not secret, write it directly in `env`, or pass it with [vars] and `vars`"
        )
    )]
    WeakSecret {
        name: String,
        why: &'static str,
        #[label("uses `${{env.{name}}}`")]
        span: Span,
    },

    #[error("`{name}` is not a table")]
    #[diagnostic(code(dp::project::no_table))]
    NoTable {
        name: String,
        #[help]
        help: String,
        #[label("not a table")]
        span: Span,
    },

    #[error("can't export to `{path}`: {why}")]
    #[diagnostic(code(dp::project::export_path), help("choose another path for the file"))]
    ExportPath {
        path: String,
        why: String,
        #[label("not possible here")]
        span: Span,
    },

    #[error("this project requires dp {requires}, but this is dp {version}")]
    #[diagnostic(code(dp::project::requires), help("install a matching version of dp, or change `requires`"))]
    Requires {
        requires: String,
        version: String,
        #[label("required here")]
        span: Span,
    },

    #[error("unknown environment `{name}`")]
    #[diagnostic(code(dp::project::unknown_environment))]
    UnknownEnvironment {
        name: String,
        #[help]
        help: String,
    },

    #[error("`{name}` is {here} in the environment `{environment}`, but {there} in [vars]")]
    #[diagnostic(
        code(dp::project::variable_type),
        help("use one type in all environments: write {here} under [vars], or {there} here")
    )]
    VariableType {
        name: String,
        environment: String,
        here: String,
        there: String,
        #[label("declared here")]
        first: Span,
        #[label("and with another type here")]
        span: Span,
    },

    #[error("`--var {argument}`: {why}")]
    #[diagnostic(code(dp::project::bad_variable))]
    BadVariable {
        argument: String,
        why: String,
        #[help]
        help: String,
    },
}

impl ProjectError {
    /// Creates the error for an unknown environment; `known` are the existing ones.
    pub fn unknown_environment<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        let help =
            crate::base::text::did_you_mean(name, known).unwrap_or_else(|| match EnvironmentName::from_str(name) {
                Ok(name) => {
                    format!("nothing was ever published there; run `dp apply --env {name}` to build and publish it")
                }
                Err(_) => "`dp env list` lists the environments".to_owned(),
            });
        let name = name.to_owned();
        Self::UnknownEnvironment { name, help }
    }
}
