//! The content fingerprint: a number for a multiset of rows, the same in whatever order they come.
//!
//! Each row is encoded by the engine's own sort key, which is injective over values of one type once the types are in
//! their *sortable form*; the key is hashed with MD5, and the two halves of the hashes are added up, each modulo 2^64.
//! What the sort key does not tell apart, such as `1.00` and `100` as DECIMALs of different scale, differs in type: so
//! names and types of the columns, in order, belong to the fingerprint, and it is the caller who puts them there.

use super::{DataType, Scalar};
use crate::sql::quote::identifier;

/// The name and version of how rows are hashed.
///
/// A change of anything in this module that changes a sum, or of the engine's sort key, needs a new version. A test
/// pins the sums of some rows.
pub const FINGERPRINT_FUNCTION: &str = "md5-sort-key/1";

const ORDER: &str = "'ASC NULLS FIRST'";
const HALF: &str = "18446744073709551616";

/// A query for the sums of `from_sql`, which is whatever may stand behind FROM, over each of some lists of columns.
///
/// It gives one row of VARCHAR: the number of rows, and for each list the sums of the high and of the low half, in
/// decimal digits that fit an unsigned integer of 64 bits.
pub fn fingerprint_query(lists: &[Vec<(String, DataType)>], from_sql: &str) -> String {
    let mut hashes = Vec::with_capacity(lists.len());
    let mut sums = vec!["CAST(count(*) AS VARCHAR)".to_owned()];
    for (index, columns) in lists.iter().enumerate() {
        // The empty text makes the key a BLOB where that of one short column would be a number.
        let columns = columns.iter().map(|(name, data_type)| data_type.fingerprint_sql(&identifier(name)));
        let key: Vec<_> =
            ["''".to_owned()].into_iter().chain(columns).map(|column| format!("{column}, {ORDER}")).collect();
        hashes.push(format!("md5_number(create_sort_key({})) AS _dp_{index}", key.join(", ")));
        for half in [format!("_dp_{index} >> 64"), format!("_dp_{index} & 18446744073709551615")] {
            sums.push(format!("CAST(coalesce(sum(CAST({half} AS UBIGINT)), 0) % {HALF} AS VARCHAR)"));
        }
    }
    format!("SELECT {} FROM (SELECT {} FROM {from_sql})", sums.join(", "), hashes.join(", "))
}

impl DataType {
    /// From a value of this type to its sortable form; `expression` as for [`Self::store_sql`].
    pub fn fingerprint_sql(&self, expression: &str) -> String {
        // The stored form of a union spells its tag out, so nothing hangs on how the engine sorts unions.
        let (expression, data_type) = if self.contains_union() {
            (self.store_sql(expression), self.stored())
        } else {
            (expression.to_owned(), self.clone())
        };
        let sortable = data_type.sortable();
        if sortable == data_type { expression } else { sortable.cast(&expression) }
    }

    /// The type whose sort key tells apart all values of this one.
    fn sortable(&self) -> Self {
        match self {
            Self::Scalar(scalar) => Self::Scalar(scalar.sortable()),
            Self::Geometry(_) => Self::Scalar(Scalar::Blob),
            Self::Decimal { .. }
            | Self::Enum(_)
            | Self::List(_)
            | Self::Array(..)
            | Self::Struct(_)
            | Self::Tuple(_)
            | Self::Map(..)
            | Self::Union(_) => self.with_parts(Self::sortable),
        }
    }
}

impl Scalar {
    fn sortable(self) -> Self {
        match self {
            // `0.0` and `-0.0` have one key, and so have all NaNs.
            Self::Float | Self::Double => Self::Bit,
            // `1 month` and `30 days` are equal to the engine, and the key of a BIGNUM is nowhere described.
            Self::Interval | Self::BigNum => Self::Varchar,
            Self::Boolean
            | Self::TinyInt
            | Self::SmallInt
            | Self::Integer
            | Self::BigInt
            | Self::HugeInt
            | Self::UTinyInt
            | Self::USmallInt
            | Self::UInteger
            | Self::UBigInt
            | Self::UHugeInt
            | Self::Date
            | Self::Time
            | Self::TimeNs
            | Self::TimeTz
            | Self::Timestamp
            | Self::TimestampS
            | Self::TimestampMs
            | Self::TimestampNs
            | Self::TimestampTz
            | Self::TimestampTzNs
            | Self::Varchar
            | Self::Blob
            | Self::Bit
            | Self::Uuid
            | Self::Json
            | Self::Null
            // These two are not storable, so no fingerprint is made of them.
            | Self::Variant
            | Self::Type => self,
        }
    }
}
