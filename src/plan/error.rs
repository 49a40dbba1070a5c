use miette::Diagnostic;
use thiserror::Error;

use crate::seam::RecordError;

/// Why dp can't make a plan or follow a saved one.
#[derive(Debug, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PlanError {
    #[error("{} {} never built, and {} not selected", crate::base::text::named(inputs, 5), if inputs.len() == 1 { "was" } else { "were" }, if inputs.len() == 1 { "is" } else { "are" })]
    #[diagnostic(code(dp::plan::unpublished_input), help("select `+{asset}` to build its upstream too"))]
    UnpublishedInput { asset: String, inputs: Vec<String> },

    #[error("{} protected, and the plan would destroy {}", if assets.len() == 1 { format!("`{}` is", assets[0]) } else { format!("{} are", crate::base::text::named(assets, 5)) }, if assets.len() == 1 { "it" } else { "them" })]
    #[diagnostic(
        code(dp::plan::protected),
        help("exclude it from the selection; or remove `protect = true`, run `dp apply`, and destroy it afterwards")
    )]
    Protected { assets: Vec<String> },

    #[error("the plan would withdraw {} of the {published} published assets: {}", assets.len(), crate::base::text::named(assets, 10))]
    #[diagnostic(
        code(dp::plan::withdraws),
        help("restore the missing files in `assets`; or apply with `--allow-withdraw` to withdraw these assets")
    )]
    Withdraws { assets: Vec<String>, published: usize },

    #[error("checks block publishing: {}", checks.join("; "))]
    #[diagnostic(
        code(dp::plan::check_fails),
        help(
            "correct the rows that the check reports, or declare the check with `severity = \"warn\"`; nothing was changed"
        )
    )]
    CheckFails { checks: Vec<String> },

    #[error("the columns of {} changed: {}", if assets.len() == 1 { format!("the files of `{}`", assets[0]) } else { format!("the files of {}", crate::base::text::named(assets, 5)) }, changes.join("; "))]
    #[diagnostic(
        code(dp::plan::schema_change),
        help(
            "correct the files; or approve the change: run `dp apply` in a terminal, or `dp plan --out FILE` and `dp apply FILE`"
        )
    )]
    SchemaChange { assets: Vec<String>, changes: Vec<String> },

    #[error("can't promote: {}", obstacles.join("; "))]
    #[diagnostic(
        code(dp::plan::not_promotable),
        help(
            "run `dp apply` in the target environment instead: it reuses built versions with the same key, and builds the rest"
        )
    )]
    NotPromotable { obstacles: Vec<String> },

    #[error("`{path}` exists, and dp did not write it")]
    #[diagnostic(
        code(dp::plan::foreign_file),
        help(
            "move the file away, export `{asset}` to another path, or adopt the file: `dp state adopt {asset} --reason …`"
        )
    )]
    ForeignFile { asset: String, path: String },

    #[error("the saved plan is out of date: {}", moved.join("; "))]
    #[diagnostic(code(dp::plan::stale), help("make a new plan: `dp plan --out {file}`"))]
    Stale { file: String, moved: Vec<String> },

    #[error("`{file}` is not a valid saved plan: {why}")]
    #[diagnostic(code(dp::plan::unreadable), help("save a plan: `dp plan --out {file}`"))]
    Unreadable { file: String, why: String },

    #[error(transparent)]
    #[diagnostic(transparent)]
    Record(#[from] RecordError),
}
