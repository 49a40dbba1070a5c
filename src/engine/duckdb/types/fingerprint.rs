//! The content fingerprint: a number for a multiset of rows, independent of their order.
//!
//! The engine's own sort key encodes each row. It is injective over the values of one type, once the types are in
//! their *sortable form*. The key is hashed with MD5, and the two halves of the hashes are summed, each modulo 2^64.
//! Values that the sort key does not distinguish, such as `1.00` and `100` as DECIMALs of different scale, have
//! different types. So the names and types of the columns, in order, belong to the fingerprint, and the caller adds
//! them.

use super::{DataType, Scalar};
use crate::sql::quote::identifier;

/// The name and version of the row hash.
///
/// A change of this module that changes a sum, or a change of the engine's sort key, needs a new version. A test fixes
/// the sums of some rows.
pub const FINGERPRINT_FUNCTION: &str = "md5-sort-key/1";

const ORDER: &str = "'ASC NULLS FIRST'";
const HALF: &str = "18446744073709551616";

/// Returns a query for the sums of `from_sql`, which is any text that may follow FROM, over each list of columns.
///
/// The query returns one row of VARCHAR: the number of rows, and for each list the sums of the high and the low half,
/// as decimal digits of an unsigned 64-bit integer.
pub fn fingerprint_query(lists: &[Vec<(String, DataType)>], from_sql: &str) -> String {
    let mut hashes = Vec::with_capacity(lists.len());
    let mut sums = vec!["CAST(count(*) AS VARCHAR)".to_owned()];
    for (index, columns) in lists.iter().enumerate() {
        // The empty text makes the key a BLOB; the key of one short column would be a number.
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
    /// Returns the expression that converts a value of this type to its sortable form; `expression` as for
    /// [`Self::store_sql`].
    pub fn fingerprint_sql(&self, expression: &str) -> String {
        // The stored form of a union contains its tag, so the result does not depend on how the engine sorts unions.
        let (expression, data_type) = if self.contains_union() {
            (self.store_sql(expression), self.stored())
        } else {
            (expression.to_owned(), self.clone())
        };
        let sortable = data_type.sortable();
        if sortable == data_type { expression } else { sortable.cast(&expression) }
    }

    /// Returns the type whose sort key distinguishes all values of this one.
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
            // `0.0` and `-0.0` have the same key, and so have all NaNs.
            Self::Float | Self::Double => Self::Bit,
            // `1 month` and `30 days` are equal to the engine, and the key of a BIGNUM is not documented.
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
            // These two can't be stored, so they have no fingerprint.
            | Self::Variant
            | Self::Type => self,
        }
    }
}
