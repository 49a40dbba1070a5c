//! The stored form: the type in a Parquet file that replaces a type which Parquet would change.

use thiserror::Error;

use super::{DataType, Field, Scalar};
use crate::sql::quote::{identifier, literal};

/// The maximum number of levels around a union.
///
/// A union inside a LIST, ARRAY or MAP is reached through a lambda per level, and the engine's binder takes twice as
/// long for each nested lambda: 5 to 60 ms at 8 levels, two seconds at 14.
const MAX_LEVELS_AROUND_UNION: usize = 8;

/// The maximum nesting of LISTs, ARRAYs and MAPs.
///
/// The engine's Parquet reader takes twice as long for each level: 20 to 60 ms per file at 16 levels, ten seconds at
/// 24.
const MAX_LISTS: usize = 16;

/// Why values of a type can't be stored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Unstorable {
    /// `cast` is the whole type, with the nearest type that has a form in place of each part without one.
    #[error("dp has no stored form for `{found}`")]
    NoForm { found: String, cast: String },
    #[error("dp can't store a `{found}` without fields")]
    NoFields { found: &'static str },
    #[error("the name `{}` in an ENUM, STRUCT or UNION can't be written in SQL", name.escape_debug())]
    Name { name: String },
    #[error("dp can't store a UNION inside more than {MAX_LEVELS_AROUND_UNION} levels of other types")]
    UnionTooDeep,
    #[error("dp can't store LIST, ARRAY and MAP more than {MAX_LISTS} levels deep")]
    ListsTooDeep,
}

impl Unstorable {
    /// Returns the help.
    pub fn help(&self) -> String {
        match self {
            Self::NoForm { cast, .. } => format!("cast it to the nearest type, `::{cast}`"),
            Self::NoFields { .. } => "remove it, or cast it, `::VARCHAR`".to_owned(),
            Self::Name { .. } => "rename it, or cast it, `::VARCHAR`".to_owned(),
            Self::UnionTooDeep | Self::ListsTooDeep => "cast it, `::JSON`".to_owned(),
        }
    }
}

/// Returns the help for a type, in the engine's text, that can't be stored or that dp does not know.
pub fn cast_hint(data_type: &str) -> String {
    match DataType::parse(data_type).map(|data_type| data_type.check_storable()) {
        Ok(Err(unstorable)) => unstorable.help(),
        Ok(Ok(())) | Err(_) => "cast it to a type that can be stored, `::VARCHAR`".to_owned(),
    }
}

impl DataType {
    /// Whether its values can be stored: dp can always [store](Self::store_sql) and [load](Self::load_sql) them.
    pub fn check_storable(&self) -> Result<(), Unstorable> {
        self.check_part(self, 0, 0)
    }

    /// `level` is the number of surrounding types, and `lists` the number of repeating ones among them.
    fn check_part(&self, whole: &Self, level: usize, lists: usize) -> Result<(), Unstorable> {
        let names: Vec<&String> = match self {
            // The catalogue can't be written with a coordinate system in the type of a column.
            Self::Scalar(Scalar::Variant | Scalar::Type) | Self::Geometry(Some(_)) => {
                return Err(Unstorable::NoForm {
                    found: self.to_string(),
                    cast: whole.nearest_storable().to_string(),
                });
            }
            Self::List(_) | Self::Array(..) | Self::Map(..) if lists >= MAX_LISTS => {
                return Err(Unstorable::ListsTooDeep);
            }
            Self::Union(_) if level > MAX_LEVELS_AROUND_UNION => return Err(Unstorable::UnionTooDeep),
            Self::Struct(fields) if fields.is_empty() => return Err(Unstorable::NoFields { found: "STRUCT" }),
            Self::Tuple(items) if items.is_empty() => return Err(Unstorable::NoFields { found: "TUPLE" }),
            Self::Union(fields) if fields.is_empty() => return Err(Unstorable::NoFields { found: "UNION" }),
            Self::Struct(fields) | Self::Union(fields) => fields.iter().map(|field| &field.name).collect(),
            Self::Enum(values) => values.iter().collect(),
            Self::Scalar(_)
            | Self::Decimal { .. }
            | Self::Geometry(None)
            | Self::List(_)
            | Self::Array(..)
            | Self::Tuple(_)
            | Self::Map(..) => Vec::new(),
        };
        // An ENUM made by a query can contain the zero byte, which the engine's parser can't read.
        let empty_allowed = matches!(self, Self::Enum(_));
        if let Some(name) = names.into_iter().find(|name| name.contains('\0') || name.is_empty() && !empty_allowed) {
            return Err(Unstorable::Name { name: name.clone() });
        }
        let lists = lists + usize::from(matches!(self, Self::List(_) | Self::Array(..) | Self::Map(..)));
        self.parts().into_iter().try_for_each(|part| part.check_part(whole, level + 1, lists))
    }

    fn nearest_storable(&self) -> Self {
        match self {
            Self::Scalar(Scalar::Variant) => Self::Scalar(Scalar::Json),
            Self::Scalar(Scalar::Type) => Self::Scalar(Scalar::Varchar),
            Self::Geometry(Some(_)) => Self::Geometry(None),
            _ => self.with_parts(Self::nearest_storable),
        }
    }

    /// Returns the type in the file.
    ///
    /// Only for a type that [is storable](Self::check_storable); a part that is not storable stays as it is.
    #[must_use]
    pub fn stored(&self) -> Self {
        match self {
            Self::Scalar(scalar) => scalar.stored(),
            Self::Decimal { .. } => self.clone(),
            Self::Enum(_) => Self::Scalar(Scalar::Varchar),
            Self::Geometry(_) => Self::Scalar(Scalar::Blob),
            Self::Array(item, _) => Self::List(Box::new(item.stored())),
            Self::Tuple(items) => Self::Struct(numbered(items).collect()),
            Self::Union(members) => {
                let tag = Field::new("tag", Self::Scalar(Scalar::Varchar));
                let members = numbered(members.iter().map(|member| &member.data_type));
                Self::Struct([tag].into_iter().chain(members).collect())
            }
            Self::List(_) | Self::Struct(_) | Self::Map(..) => self.with_parts(Self::stored),
        }
    }

    /// Whether the file reproduces this type, so that no conversion is needed to write and read it.
    pub fn is_stored_as_is(&self) -> bool {
        self.stored() == *self
    }

    /// Returns the expression that converts a value of this type to its stored form.
    ///
    /// The engine raises an error for a value that the form can't hold. The result contains `expression` more than
    /// once, so it should be a column.
    pub fn store_sql(&self, expression: &str) -> String {
        Direction::Store.rebuild(self, expression, 0)
    }

    /// Returns the expression that converts the stored form back to this type; `expression` as for
    /// [`Self::store_sql`].
    pub fn load_sql(&self, expression: &str) -> String {
        Direction::Load.rebuild(self, expression, 0)
    }
}

impl Scalar {
    fn stored(self) -> DataType {
        let scalar = match self {
            // The writer converts these two to DOUBLE. The cast of a HUGEINT with more than 38 digits fails, as it
            // should.
            Self::HugeInt => return DataType::Decimal { width: 38, scale: 0 },
            Self::UHugeInt => Self::Uuid,
            // The writer drops offsets and microseconds of the first two, and converts the others to text itself.
            Self::TimeTz | Self::Interval | Self::BigNum | Self::Bit => Self::Varchar,
            // The reader converts them to TIMESTAMP.
            Self::TimestampS | Self::TimestampMs => Self::Timestamp,
            // A file then only has types that other tools know.
            Self::Null => Self::Integer,
            Self::Boolean
            | Self::TinyInt
            | Self::SmallInt
            | Self::Integer
            | Self::BigInt
            | Self::UTinyInt
            | Self::USmallInt
            | Self::UInteger
            | Self::UBigInt
            | Self::Float
            | Self::Double
            | Self::Date
            | Self::Time
            | Self::TimeNs
            | Self::Timestamp
            | Self::TimestampNs
            | Self::TimestampTz
            | Self::TimestampTzNs
            | Self::Varchar
            | Self::Blob
            | Self::Uuid
            | Self::Json
            // `check_storable` refuses these two.
            | Self::Variant
            | Self::Type => self,
        };
        DataType::Scalar(scalar)
    }
}

/// Returns the stored form of types without names, or with names that a reader does not need: `v1`, `v2`, …
fn numbered<'a>(data_types: impl IntoIterator<Item = &'a DataType>) -> impl Iterator<Item = Field> {
    (1..).zip(data_types).map(|(position, data_type)| Field::new(number(position), data_type.stored()))
}

fn number(position: usize) -> String {
    format!("v{position}")
}

/// The direction of a conversion.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Store,
    Load,
}

impl Direction {
    /// One cast suffices, unless the type contains a union: then the value is split down to the union.
    ///
    /// `expression` is always a column, a variable or a path below one, so the text grows only with the number of
    /// parts times the depth. `level` is the number of variables in use.
    fn rebuild(self, data_type: &DataType, expression: &str, level: usize) -> String {
        if !data_type.contains_union() {
            return match self {
                _ if data_type.is_stored_as_is() => expression.to_owned(),
                Self::Store => data_type.stored().cast(expression),
                Self::Load => data_type.cast(expression),
            };
        }
        match data_type {
            DataType::List(item) => self.rebuild_items(item, expression, level),
            DataType::Array(item, _) => match self {
                Self::Store => {
                    let list = DataType::List(item.clone()).cast(expression);
                    self.rebuild_items(item, &list, level)
                }
                Self::Load => data_type.cast(&self.rebuild_items(item, expression, level)),
            },
            DataType::Map(key, value) => {
                let entry = variable(level);
                let key = self.rebuild(key, &at(&entry, &literal("key")), level + 1);
                let value = self.rebuild(value, &at(&entry, &literal("value")), level + 1);
                let entries = format!("list_transform(map_entries({expression}), lambda {entry}: row({key}, {value}))");
                unless_null(expression, &format!("map_from_entries({entries})"))
            }
            DataType::Struct(fields) => {
                let fields = fields.iter().map(|field| {
                    let value = self.rebuild(&field.data_type, &at(expression, &literal(&field.name)), level);
                    (field.name.clone(), value)
                });
                unless_null(expression, &struct_pack(fields))
            }
            DataType::Tuple(items) => {
                let items = (1..).zip(items).map(|(position, item)| {
                    let stored = number(position);
                    let value = match self {
                        Self::Store => self.rebuild(item, &at(expression, &position.to_string()), level),
                        Self::Load => self.rebuild(item, &at(expression, &literal(&stored)), level),
                    };
                    (stored, value)
                });
                let rebuilt = match self {
                    Self::Store => struct_pack(items),
                    Self::Load => {
                        let values: Vec<_> = items.map(|(_, value)| value).collect();
                        format!("row({})", values.join(", "))
                    }
                };
                unless_null(expression, &rebuilt)
            }
            DataType::Union(members) => match self {
                Self::Store => store_union(members, expression, level),
                Self::Load => load_union(data_type, members, expression, level),
            },
            DataType::Scalar(_) | DataType::Decimal { .. } | DataType::Enum(_) | DataType::Geometry(_) => {
                unreachable!("it has no parts, and so no union inside")
            }
        }
    }

    fn rebuild_items(self, item: &DataType, list: &str, level: usize) -> String {
        let variable = variable(level);
        let rebuilt = self.rebuild(item, &variable, level + 1);
        format!("list_transform({list}, lambda {variable}: {rebuilt})")
    }
}

/// Returns a tag, and a value for each member: the tag's member has the value, all others are NULL.
fn store_union(members: &[Field], expression: &str, level: usize) -> String {
    let tag = DataType::Scalar(Scalar::Varchar).cast(&format!("union_tag({expression})"));
    let values = (1..).zip(members).map(|(position, member)| {
        let value = format!("union_extract({expression}, {})", literal(&member.name));
        (number(position), Direction::Store.rebuild(&member.data_type, &value, level))
    });
    unless_null(expression, &struct_pack([("tag".to_owned(), tag)].into_iter().chain(values)))
}

fn load_union(union: &DataType, members: &[Field], expression: &str, level: usize) -> String {
    let cases = (1..).zip(members).map(|(position, member)| {
        let stored = at(expression, &literal(&number(position)));
        let value = Direction::Load.rebuild(&member.data_type, &stored, level);
        // A member is reached through a union of that member alone: clients of some versions lose the name in
        // `union_value(name := …)`. The engine reads a JSON as a whole union, and a "NULL" as no union.
        let carrier = match &member.data_type {
            DataType::Scalar(Scalar::Json) => DataType::Scalar(Scalar::Varchar),
            DataType::Scalar(Scalar::Null) => DataType::Scalar(Scalar::Integer),
            other => other.clone(),
        };
        let value = if carrier == member.data_type { value } else { carrier.cast(&value) };
        let alone = DataType::Union(vec![Field::new(&member.name, carrier)]);
        let value = union.cast(&alone.cast(&value));
        format!("WHEN {} THEN {value} ", literal(&member.name))
    });
    let cases: String = cases.collect();
    let tag = at(expression, &literal("tag"));
    unless_null(expression, &format!("CASE {tag} {cases}ELSE error('dp: unknown tag in a stored union') END"))
}

pub(super) fn variable(level: usize) -> String {
    format!("_dp{level}")
}

/// Returns a part of a struct; `part` is a literal, or a number from 1.
pub(super) fn at(expression: &str, part: &str) -> String {
    format!("struct_extract({expression}, {part})")
}

pub(super) fn struct_pack(fields: impl IntoIterator<Item = (String, String)>) -> String {
    let fields = fields.into_iter().map(|(name, value)| format!("{} := {value}", identifier(&name)));
    format!("struct_pack({})", fields.collect::<Vec<_>>().join(", "))
}

pub(super) fn unless_null(expression: &str, rebuilt: &str) -> String {
    format!("CASE WHEN {expression} IS NOT NULL THEN {rebuilt} END")
}
