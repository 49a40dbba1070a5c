/// A value that is computed for each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// The column at this position of the operator below.
    Column(usize),
    /// A constant.
    Literal,
    /// A function or an operator; its result depends on nothing but its arguments.
    Call {
        /// Its name.
        name: String,
        /// Its arguments, in order.
        arguments: Vec<Self>,
    },
    /// A conversion to another type.
    Cast(Box<Self>),
    /// The first result whose condition holds.
    Case {
        /// Each condition with its result.
        branches: Vec<(Self, Self)>,
        /// The result if no condition holds.
        otherwise: Option<Box<Self>>,
    },
    /// A value over all rows of a group.
    Aggregate(Box<Aggregate>),
    /// A value over other rows of the same relation.
    Window(Box<Window>),
    /// A function that is passed to another function.
    Lambda {
        /// The values outside its own parameters that it uses.
        captures: Vec<Self>,
    },
}

/// A value over all rows of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// The name of the function.
    pub name: String,
    /// Its arguments, in order.
    pub arguments: Vec<Expr>,
    /// The condition of the rows that count.
    pub filter: Option<Expr>,
    /// The order in which the rows are passed to it.
    pub order: Vec<Expr>,
}

/// A value over other rows of the same relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The name of the function.
    pub name: String,
    /// What its values are computed from: arguments, a default value, conditions.
    pub arguments: Vec<Expr>,
    /// What decides which rows it sees, and in which order: partitions, orders, bounds of the frame.
    pub frame: Vec<Expr>,
}

impl Expr {
    /// Moves the columns that it names by a number of positions.
    pub fn shift(&mut self, by: usize) {
        match self {
            Self::Column(position) => *position += by,
            Self::Literal => {}
            Self::Call { arguments: parts, .. } | Self::Lambda { captures: parts } => shift_all(parts, by),
            Self::Cast(value) => value.shift(by),
            Self::Case { branches, otherwise } => {
                for (condition, value) in branches {
                    condition.shift(by);
                    value.shift(by);
                }
                shift_all(otherwise.as_deref_mut(), by);
            }
            Self::Aggregate(aggregate) => {
                shift_all(&mut aggregate.arguments, by);
                shift_all(&mut aggregate.filter, by);
                shift_all(&mut aggregate.order, by);
            }
            Self::Window(window) => {
                shift_all(&mut window.arguments, by);
                shift_all(&mut window.frame, by);
            }
        }
    }
}

fn shift_all<'e>(expressions: impl IntoIterator<Item = &'e mut Expr>, by: usize) {
    expressions.into_iter().for_each(|expression| expression.shift(by));
}
