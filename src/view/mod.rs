//! Converts values to text: plans, events, diagnostics, lineage and tables, for users and as JSON.
//!
//! Nothing here decides, queries or prints; a view is a function of the value that it shows and of a [`Theme`]. The
//! text and the JSON of one thing use the same value. Text from users' data or files passes through [`plain`] or
//! [`one_line`] before it reaches a screen, so that no value can send control characters to a terminal. Symbols and
//! words carry the meaning; colour only repeats it.

mod apply;
mod bars;
mod check;
mod columns;
mod diagnostic;
mod diagrams;
mod diff;
mod forest;
mod gc;
mod graph;
mod json;
mod markdown;
mod page;
mod plan;
mod program;
mod promotion;
mod rollback;
mod snippet;
mod style;
mod table;
mod text;
mod waiting;
mod why;

pub use crate::report::FORMAT_VERSION;
pub use apply::{ApplyView, Channel, RunContext, channel, line};
pub use bars::DELAY;
pub use check::failed_check;
pub use columns::{ColumnTrace, ColumnUse, FileUse, Place, Ways};
pub use diagnostic::{diagnostic, diagnostic_json, problems, problems_json};
pub use gc::gc;
pub use graph::{Edge, Lineage, Node, NodeColumn, dot, mermaid, tree};
pub use json::{json_line, json_text, lineage_json, plan_json, shown, warning_json};
pub use markdown::plan_markdown;
pub use page::html;
pub use plan::{PlanView, nothing_to_do, plan, warnings};
pub use program::program;
pub use promotion::{nothing_to_promote, promoted, promotion};
pub use rollback::{counts, rollback, rolled_back};
pub use style::{Role, Theme};
pub use table::{Cell, Overflow, Table};
pub use text::{in_environment, moment, one_line, plain, wrap};
pub use waiting::Waiting;
pub use why::{why, why_json};
