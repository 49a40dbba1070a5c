//! A text for each value, strict enough that different values have different texts.

use dp::engine::duckdb::types::{DataType, Scalar};
use dp::sql::quote::literal;

/// SQL of the text of `expression`, which is of this type; `level` counts the variables in use.
pub(crate) fn render(data_type: &DataType, expression: &str, level: usize) -> String {
    let e = expression;
    let variable = format!("_r{level}");
    let text = match data_type {
        DataType::Scalar(Scalar::Null) => "'?'".to_owned(),
        DataType::Scalar(Scalar::Float | Scalar::Double) => format!("CAST(CAST({e} AS BIT) AS VARCHAR)"),
        DataType::Scalar(Scalar::Varchar | Scalar::Json) | DataType::Enum(_) => {
            format!("'s' || hex(encode(CAST({e} AS VARCHAR)))")
        }
        DataType::Scalar(Scalar::Blob) => format!("'b' || hex({e})"),
        DataType::Scalar(Scalar::Interval) => {
            let parts = ["year", "month", "day", "hour", "minute", "microsecond"]
                .map(|part| format!("datepart('{part}', {e})"));
            format!("concat_ws(';', {})", parts.join(", "))
        }
        DataType::Scalar(_) | DataType::Decimal { .. } => format!("CAST({e} AS VARCHAR)"),
        DataType::Geometry(_) => format!("'g' || hex(st_aswkb({e}))"),
        DataType::List(item) => items(e, &variable, &render(item, &variable, level + 1)),
        DataType::Array(item, _) => {
            items(&format!("CAST({e} AS {item}[])"), &variable, &render(item, &variable, level + 1))
        }
        DataType::Struct(fields) => {
            let fields = fields.iter().map(|field| {
                render(&field.data_type, &format!("struct_extract({e}, {})", literal(&field.name)), level)
            });
            format!("'{{' || {} || '}}'", fields.collect::<Vec<_>>().join(" || ',' || "))
        }
        DataType::Tuple(items) => {
            let items = (1..).zip(items);
            let items = items.map(|(at, item)| render(item, &format!("struct_extract({e}, {at})"), level));
            format!("'(' || {} || ')'", items.collect::<Vec<_>>().join(" || ',' || "))
        }
        DataType::Map(key, value) => {
            let key = render(key, &format!("struct_extract({variable}, 'key')"), level + 1);
            let value = render(value, &format!("struct_extract({variable}, 'value')"), level + 1);
            items(&format!("map_entries({e})"), &variable, &format!("{key} || '=' || {value}"))
        }
        DataType::Union(members) => {
            let members = members.iter().map(|member| {
                render(&member.data_type, &format!("union_extract({e}, {})", literal(&member.name)), level)
            });
            let members = members.collect::<Vec<_>>().join(" || ',' || ");
            format!("'<' || CAST(union_tag({e}) AS VARCHAR) || ':' || {members} || '>'")
        }
    };
    format!("CASE WHEN {e} IS NULL THEN 'N' ELSE {text} END")
}

fn items(list: &str, variable: &str, item: &str) -> String {
    let texts = format!("list_transform({list}, lambda {variable}: {item})");
    format!("'[' || len({list}) || ':' || coalesce(list_aggr({texts}, 'string_agg', ','), '') || ']'")
}
