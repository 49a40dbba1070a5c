//! Values as JSON. JSON has no numbers for NaN and infinities, and the engine writes them as bare words that no parser
//! accepts.
//!
//! They become the strings `"NaN"`, `"Infinity"` and `"-Infinity"`, which the engine reads back as the same DOUBLEs.

use super::form::{at, struct_pack, unless_null, variable};
use super::{DataType, Scalar};
use crate::sql::quote::{identifier, literal};

/// Returns a query over `sql`, which has columns of these names and types, whose result can be written as JSON.
pub fn json_query(sql: &str, columns: &[(String, DataType)]) -> String {
    if !columns.iter().any(|(_, data_type)| data_type.contains_float()) {
        return sql.to_owned();
    }
    let columns = columns.iter().map(|(name, data_type)| {
        let name = identifier(name);
        let value = data_type.finite(&name, 0);
        if value == name { name } else { format!("{value} AS {name}") }
    });
    format!("SELECT {} FROM ({sql}\n)", columns.collect::<Vec<_>>().join(", "))
}

impl DataType {
    fn contains_float(&self) -> bool {
        matches!(self, Self::Scalar(Scalar::Float | Scalar::Double))
            || self.parts().into_iter().any(Self::contains_float)
    }

    /// Returns the value with strings in place of non-finite numbers. `level` is the number of variables in use.
    fn finite(&self, expression: &str, level: usize) -> String {
        if !self.contains_float() {
            return expression.to_owned();
        }
        match self {
            Self::Scalar(_) => format!(
                "CASE WHEN isfinite({expression}) THEN to_json({expression}) WHEN isnan({expression}) THEN '\"NaN\"'::JSON \
                 WHEN {expression} > 0 THEN '\"Infinity\"'::JSON WHEN {expression} < 0 THEN '\"-Infinity\"'::JSON END"
            ),
            Self::List(item) | Self::Array(item, _) => {
                let variable = variable(level);
                let item = item.finite(&variable, level + 1);
                let list = self.as_list(expression);
                format!("list_transform({list}, lambda {variable}: {item})")
            }
            Self::Struct(fields) => {
                let fields = fields.iter().map(|field| {
                    (field.name.clone(), field.data_type.finite(&at(expression, &literal(&field.name)), level))
                });
                unless_null(expression, &struct_pack(fields))
            }
            Self::Map(_, value) => {
                let entry = variable(level);
                let key = at(&entry, &literal("key"));
                let value = value.finite(&at(&entry, &literal("value")), level + 1);
                let entries = format!("list_transform(map_entries({expression}), lambda {entry}: row({key}, {value}))");
                unless_null(expression, &format!("map_from_entries({entries})"))
            }
            Self::Tuple(items) => {
                let items =
                    (1..).zip(items).map(|(position, item)| item.finite(&at(expression, &position.to_string()), level));
                unless_null(expression, &format!("row({})", items.collect::<Vec<_>>().join(", ")))
            }
            Self::Union(members) => {
                let cases = members.iter().map(|member| {
                    let value = member
                        .data_type
                        .finite(&format!("union_extract({expression}, {})", literal(&member.name)), level);
                    format!("WHEN {} THEN to_json({value}) ", literal(&member.name))
                });
                let tag = format!("CAST(union_tag({expression}) AS VARCHAR)");
                unless_null(expression, &format!("CASE {tag} {}END", cases.collect::<String>()))
            }
            Self::Decimal { .. } | Self::Enum(_) | Self::Geometry(_) => expression.to_owned(),
        }
    }

    fn as_list(&self, expression: &str) -> String {
        match self {
            Self::Array(item, _) => Self::List(item.clone()).cast(expression),
            _ => expression.to_owned(),
        }
    }
}
