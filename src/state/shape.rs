use serde::{Deserialize, Serialize};

use super::Digest;
use crate::sql::{Columns, Reads, shape};

/// One part of a query: a hash of what it computes, and what it reads for that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Equal hashes compute the same of the same inputs.
    pub digest: Digest,
    /// The columns of each input that count for it.
    pub reads: Reads,
}

/// A query taken apart: which rows there are, and each column. See [`crate::sql::shape`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Which rows there are.
    pub rows: Part,
    /// Each column of the result, in order.
    pub outputs: Vec<Part>,
}

impl From<&shape::Part> for Part {
    fn from(part: &shape::Part) -> Self {
        Self {
            digest: Digest::of("part/1", [part.normal.as_str()]),
            reads: part.reads.clone(),
        }
    }
}

impl From<&shape::Shape> for Shape {
    fn from(shape: &shape::Shape) -> Self {
        Self {
            rows: Part::from(&shape.rows),
            outputs: shape.outputs.iter().map(Part::from).collect(),
        }
    }
}

impl Shape {
    /// The columns of one input that count for the rows and for the outputs at these positions.
    pub fn reads(&self, input: &str, outputs: &[usize]) -> Columns {
        let mut columns = Columns::none();
        let parts = outputs.iter().filter_map(|position| self.outputs.get(*position));
        for part in std::iter::once(&self.rows).chain(parts) {
            if let Some(read) = part.reads.get(input) {
                columns.add(read);
            }
        }
        columns
    }
}
