use super::Expr;

/// An operator: rows with columns, which are known by their positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Columns of a table.
    Scan {
        /// The name of the table, with its schema.
        table: String,
        /// The names of all columns of the table.
        names: Vec<String>,
        /// The positions of the columns that are read, among `names`; `None` is the number of the row.
        columns: Vec<Option<usize>>,
    },
    /// For each row of the input, rows that are computed from it.
    Values {
        /// The input: one row without a meaning, unless the values refer to an outer query.
        input: Option<Box<Self>>,
        /// The number of columns.
        width: usize,
        /// The rows.
        rows: Vec<Vec<Expr>>,
    },
    /// Other columns for the same rows.
    Project {
        /// The input.
        input: Box<Self>,
        /// The columns.
        outputs: Vec<Expr>,
    },
    /// The rows for which all conditions hold.
    Filter {
        /// The input.
        input: Box<Self>,
        /// The conditions.
        conditions: Vec<Expr>,
    },
    /// Rows of two inputs. The columns are those of the left and those of the right input; see [`JoinKind`].
    Join {
        /// Which rows and columns the result has.
        kind: JoinKind,
        /// The left input.
        left: Box<Self>,
        /// The right input.
        right: Box<Self>,
        /// The conditions, over the columns of both inputs, the left ones first.
        conditions: Vec<Expr>,
    },
    /// One row for each group. The columns are the groups, then the aggregates, then the masks.
    Aggregate {
        /// The input.
        input: Box<Self>,
        /// The expressions that define the groups.
        groups: Vec<Expr>,
        /// Whether there are several grouping sets, so that a group may be NULL in a row.
        sets: bool,
        /// The aggregates.
        aggregates: Vec<Expr>,
        /// The positions of the groups whose presence a column shows (`grouping(…)`).
        masks: Vec<Vec<usize>>,
        /// Whether the engine added it, to evaluate a correlated query once for each distinct row.
        is_correlation: bool,
    },
    /// Adds columns with window functions.
    Window {
        /// The input.
        input: Box<Self>,
        /// The additional columns.
        functions: Vec<Expr>,
    },
    /// Adds columns with the elements of lists; each row occurs once for each element.
    Unnest {
        /// The input.
        input: Box<Self>,
        /// The additional columns.
        lists: Vec<Expr>,
    },
    /// One row for each combination of values.
    Distinct {
        /// The input.
        input: Box<Self>,
        /// The values; `None` for all columns.
        on: Option<Vec<Expr>>,
        /// The order that decides which row stays.
        order: Vec<Expr>,
    },
    /// The same rows in another order.
    Sort {
        /// The input.
        input: Box<Self>,
        /// What decides the order.
        order: Vec<Expr>,
    },
    /// Some of the rows, by their number.
    Limit {
        /// The input.
        input: Box<Self>,
        /// The numbers of rows to return and to skip, as far as they are not constants.
        bounds: Vec<Expr>,
    },
    /// Random rows.
    Sample {
        /// The input.
        input: Box<Self>,
    },
    /// Rows of several inputs with the same number of columns.
    SetOp {
        /// Which rows the result has.
        kind: SetKind,
        /// Whether equal rows count separately.
        all: bool,
        /// The inputs.
        inputs: Vec<Self>,
    },
    /// A query over a common table.
    With {
        /// The identifier of the common table.
        table: u64,
        /// The common table.
        definition: Box<Self>,
        /// The query.
        query: Box<Self>,
    },
    /// A common table that is added to as long as its own rows give other rows.
    Recursion {
        /// The identifier under which the step reads it.
        table: u64,
        /// The first rows.
        first: Box<Self>,
        /// The further rows.
        step: Box<Self>,
        /// Whether equal rows count separately.
        all: bool,
    },
    /// The rows of a common table.
    Common {
        /// The identifier of the common table.
        table: u64,
    },
}

/// A kind of join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// All pairs of rows, or rows side by side: no condition decides.
    Product,
    /// Pairs of rows, with or without rows that have no match; the columns of both sides.
    Pairs,
    /// Rows of the left side with or without a match; its columns.
    Left,
    /// Rows of the right side with or without a match; its columns.
    Right,
    /// All rows of the left side; its columns, and one that says whether there is a match.
    Mark,
}

/// A kind of set operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetKind {
    /// The rows of all inputs.
    Union,
    /// The rows that all inputs have.
    Intersect,
    /// The rows of the first input that no other has.
    Except,
}

impl Plan {
    /// Returns one row without columns.
    pub fn one_row() -> Self {
        Self::Values {
            input: None,
            width: 0,
            rows: vec![Vec::new()],
        }
    }
}
