//! Columns that a build reads of a version that is older than the reader, and that has no C over them.
//!
//! Without C over these columns, the reader could be compared only by all columns, and a change of another column would
//! rebuild it.

use super::Worker;
use crate::facts::Facts;
use crate::model::Columns;
use crate::plan::content_read;
use crate::run::job::Unlisted;

impl Worker<'_> {
    /// Returns the columns to fingerprint in a build, if the input's next version will have C over them.
    pub(super) fn unlisted(&self, facts: &Facts) -> Vec<Unlisted> {
        // A program depends on the order of rows, and what a user hands over is not computed from inputs.
        if facts.program.is_some() || self.taken().is_some() {
            return Vec::new();
        }
        let unlisted = facts.reads.iter().filter_map(|(name, reads)| {
            let Columns::Only(columns) = reads else {
                return None;
            };
            let version = self.visible.get(name)?;
            let file = self.options.project.root.join(&version.data.as_ref()?.path);
            let (covered, _) = content_read(&self.contents, name, reads, None)?;
            (covered != *reads && self.demand.of(name).contains(columns)).then(|| Unlisted {
                asset: name.clone(),
                file,
                schema: version.schema.clone(),
                columns: columns.clone(),
            })
        });
        unlisted.collect()
    }
}
