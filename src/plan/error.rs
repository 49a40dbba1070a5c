use miette::Diagnostic;
use thiserror::Error;

use crate::seam::RecordError;

/// Why dp can't make a plan or follow a saved one.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PlanError {
    #[error("{} {} never built, and {} not selected", crate::base::text::named(inputs, 5), if inputs.len() == 1 { "was" } else { "were" }, if inputs.len() == 1 { "is" } else { "are" })]
    #[diagnostic(code(dp::plan::unpublished_input), help("select `+{asset}`, which builds what it needs too"))]
    UnpublishedInput { asset: String, inputs: Vec<String> },

    #[error("{} protected, and the plan would destroy {}", if assets.len() == 1 { format!("`{}` is", assets[0]) } else { format!("{} are", crate::base::text::named(assets, 5)) }, if assets.len() == 1 { "it" } else { "them" })]
    #[diagnostic(
        code(dp::plan::protected),
        help(
            "leave it out of what you destroy; or declare it without `protect = true`, apply that, and destroy it then"
        )
    )]
    Protected { assets: Vec<String> },

    #[error("this would withdraw {} of the {published} assets that are published: {}", assets.len(), crate::base::text::named(assets, 10))]
    #[diagnostic(
        code(dp::plan::withdraws),
        help("put back the files in `assets` that are missing; or apply with `--allow-withdraw`, if they are to go")
    )]
    Withdraws { assets: Vec<String>, published: usize },

    #[error("this can't be published: {}", checks.join("; "))]
    #[diagnostic(
        code(dp::plan::check_fails),
        help("correct what the check finds; or declare the check with `severity = \"warn\"`; nothing was changed")
    )]
    CheckFails { checks: Vec<String> },

    #[error("{} with other columns: {}", if assets.len() == 1 { format!("the files of `{}` come", assets[0]) } else { format!("the files of {} come", crate::base::text::named(assets, 5)) }, changes.join("; "))]
    #[diagnostic(
        code(dp::plan::schema_change),
        help(
            "correct the files; or approve it: `dp apply` in a terminal, or `dp plan --out FILE` and `dp apply FILE`"
        )
    )]
    SchemaChange { assets: Vec<String>, changes: Vec<String> },

    #[error("this can't be promoted as it is: {}", obstacles.join("; "))]
    #[diagnostic(
        code(dp::plan::not_promotable),
        help("apply there instead: what is built already is reused by its key, and the rest is built")
    )]
    NotPromotable { obstacles: Vec<String> },

    #[error("`{path}` exists, and dp did not write it")]
    #[diagnostic(
        code(dp::plan::foreign_file),
        help(
            "move the file away, export `{asset}` to another path, or take it over: `dp state adopt {asset} --reason …`"
        )
    )]
    ForeignFile { asset: String, path: String },

    #[error("the saved plan no longer fits: {}", moved.join("; "))]
    #[diagnostic(code(dp::plan::stale), help("make a new plan: `dp plan --out {file}`"))]
    Stale { file: String, moved: Vec<String> },

    #[error("`{file}` is no saved plan: {why}")]
    #[diagnostic(code(dp::plan::unreadable), help("make one: `dp plan --out {file}`"))]
    Unreadable { file: String, why: String },

    #[error(transparent)]
    #[diagnostic(transparent)]
    Record(#[from] RecordError),
}
