//! The outline of a query: enough to name the parts in which two queries differ.

use crate::model::Digest;

/// A query, split into its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// A hash of the whole query.
    pub digest: Digest,
    /// The parts of a `select`; `None` for a set operation or a recursive query.
    pub select: Option<Select>,
}

/// The parts of a `select`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// Each expression of the select list.
    pub outputs: Vec<Output>,
    /// A hash of everything except the select list.
    pub rest: Digest,
    /// The clauses after the select list, in the order of the text: the name of a clause, and a hash.
    pub clauses: Vec<(&'static str, Digest)>,
    /// The common table expressions, in the order of the text.
    pub common: Vec<Common>,
}

/// An expression of a select list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its alias, or the name of the column; `None` for another expression without an alias, such as `*`.
    pub name: Option<String>,
    /// A hash of the expression.
    pub digest: Digest,
}

/// A common table expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// Its name.
    pub name: String,
    /// A hash of the whole expression with its options.
    pub digest: Digest,
    /// Its query.
    pub query: Outline,
}
