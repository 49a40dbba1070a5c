use serde::{Deserialize, Serialize};

use super::{Columns, Digest, Reads};

/// One part of a query: a hash of what it computes, and what it reads for that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Parts with equal hashes compute the same from the same inputs.
    pub digest: Digest,
    /// The columns of each input that the part depends on.
    pub reads: Reads,
}

/// A query split into its row set and its output columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The row set.
    pub rows: Part,
    /// Each column of the result, in order.
    pub outputs: Vec<Part>,
}

impl Shape {
    /// Returns the columns of one input that the rows and the outputs at these positions depend on.
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
