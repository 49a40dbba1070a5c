//! What is known of the assets that an asset reads, with gaps where an input is not built yet.

use std::collections::BTreeMap;

use crate::model::{AssetName, Columns, ContentLists, Digest, InputRead, Version, VersionId};

/// What is known of an input's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The input will have this version with this content.
    Known {
        /// The version; `None` while it is not built but its content is certain.
        version: Option<VersionId>,
        /// C of its rows; for a computed view, the keys of what it computes.
        contents: ContentLists,
    },
    /// The gap: the input will be built, and its rows may or may not change.
    Pending {
        /// What is certain of some of its columns.
        certain: Option<Certain>,
        /// The published version, if the new one certainly has other columns.
        other_columns_than: Option<VersionId>,
    },
}

/// Columns whose rows are certain although their table will be rebuilt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certain {
    /// The version that has the same rows in these columns; `None` if no version stands for them.
    pub same_as: Option<VersionId>,
    /// The columns.
    pub columns: Columns,
    /// C over lists of these columns.
    pub contents: ContentLists,
}

/// What is known of all inputs, by asset.
pub type Inputs = BTreeMap<AssetName, Input>;

/// Returns an input whose version exists.
pub fn known(version: &Version) -> Input {
    Input::Known {
        version: Some(version.id.clone()),
        contents: version.contents(),
    }
}

impl Input {
    /// A gap of which nothing is certain.
    pub const UNKNOWN: Self = Self::Pending {
        certain: None,
        other_columns_than: None,
    };

    /// Whether the input will be built.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Pending { .. })
    }

    fn contents(&self) -> Option<&ContentLists> {
        match self {
            Self::Known { contents, .. } => Some(contents),
            Self::Pending { certain, .. } => certain.as_ref().map(|certain| &certain.contents),
        }
    }

    /// Returns the columns in which this input has the rows that were read before; `None` if nothing is certain, not
    /// even the number of rows.
    pub fn same_as_read(&self, before: &InputRead) -> Option<Columns> {
        let (version, contents) = match self {
            Self::Known { version, contents } => (version, contents),
            Self::Pending { certain, .. } => {
                let certain = certain.as_ref()?;
                (&certain.same_as, &certain.contents)
            }
        };
        let same = if version.is_some() && *version == before.version {
            Columns::All
        } else if before.ordered {
            if before.content.is_none() || contents.bytes != before.content {
                return None;
            }
            Columns::All
        } else if before.content.is_some() && contents.of(&before.columns) == before.content.as_ref() {
            before.columns.clone()
        } else if let Some(read) = before.read.as_ref().filter(|read| contents.has(read)) {
            Columns::Only(read.columns.clone())
        } else {
            return None;
        };
        match self {
            Self::Known { .. } => Some(same),
            Self::Pending { certain, .. } => certain.as_ref().map(|certain| certain.columns.common(&same)),
        }
    }
}

/// Returns C of what is read of an input, with the columns that it covers.
///
/// If `before` is given and covers all columns that are read, C covers the same columns, so that the two can be
/// compared. Otherwise it covers the fewest columns for which C exists.
pub fn content_read(
    inputs: &Inputs,
    name: &AssetName,
    reads: &Columns,
    before: Option<&InputRead>,
) -> Option<(Columns, Digest)> {
    let lists = inputs.get(name)?.contents()?;
    if let Some(InputRead {
        read: Some(read),
        content: Some(content),
        columns,
        ..
    }) = before
        && lists.has(read)
        && Columns::Only(read.columns.clone()).include(reads)
    {
        // Everything that is read is as it was, so the input counts as the one that was read.
        return Some((columns.clone(), content.clone()));
    }
    let again = before.map(|before| &before.columns).filter(|columns| columns.include(reads));
    if let Some(columns) = again
        && let Some(content) = lists.of(columns)
    {
        return Some((columns.clone(), content.clone()));
    }
    lists.covering(reads).map(|(columns, content)| (columns, content.clone()))
}

/// Returns the hash of the file with an input's rows, for readers that depend on row order; `None` if the rows are
/// computed.
pub fn bytes_read(inputs: &Inputs, name: &AssetName) -> Option<Digest> {
    inputs.get(name)?.contents()?.bytes.clone()
}
