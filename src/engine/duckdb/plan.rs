//! The bound plans of queries, many in one statement, with the columns of their results.

use serde_json::Value;

use super::json;
use super::session::Session;
use super::types::Scalar;
use crate::model::{Column, Schema};
use crate::seam::EngineError;
use crate::sql::quote;

/// The maximum number of queries per statement; the engine keeps all results in memory until the last.
pub(super) const MOST_AT_ONCE: usize = 64;

/// What the engine returns for one query.
#[derive(Debug)]
pub(super) struct Result {
    /// The bound plan.
    pub plan: Value,
    /// Names and types of the columns; `None` if the plan does not contain them.
    pub schema: Option<Schema>,
    /// Columns with a collation, and the collation.
    pub collated: Vec<(String, String)>,
}

/// Returns the plan of one query; `None` if the engine can't serialize it or does not understand the query.
pub(super) fn of(session: &Session, query: &str) -> std::result::Result<Option<Result>, EngineError> {
    Ok(of_all(session, &[query])?.pop().flatten())
}

/// Returns the plans of at most [`MOST_AT_ONCE`] queries, in order.
///
/// A plan does not name the result's columns: for `select a + 1 as b … group by b` it contains no `b`. An outer query
/// that selects all columns does, so each query is bound inside one, which is then removed from the plan.
pub(super) fn of_all(session: &Session, queries: &[&str]) -> std::result::Result<Vec<Option<Result>>, EngineError> {
    let texts = queries.iter().enumerate().map(|(index, query)| {
        let around = format!("SELECT * FROM (\n{query}\n)");
        format!("({index}, {})", quote::literal(&around))
    });
    let answers = session.texts(&format!(
        "SELECT json_serialize_plan(t)::VARCHAR FROM (VALUES {}) AS texts(i, t) ORDER BY i",
        texts.collect::<Vec<_>>().join(", ")
    ))?;
    let answers = answers.into_iter().map(|row| row.into_iter().next().flatten().and_then(|text| read(&text)));
    let answers: Vec<_> = answers.collect();
    debug_assert_eq!(answers.len(), queries.len(), "one answer a query");
    Ok(answers)
}

fn read(text: &str) -> Option<Result> {
    let mut answer = json::parse(text).ok()?;
    let mut around = answer["plans"].get_mut(0).map(Value::take)?;
    let columns = around["expressions"].as_array()?;
    let takes_all = around["type"] == "LOGICAL_PROJECTION"
        && columns.iter().enumerate().all(|(index, column)| {
            column["expression_class"] == "BOUND_REF" && column["index"].as_u64() == Some(index as u64)
        });
    if !takes_all {
        return None;
    }
    let schema = schema(columns);
    let collated = columns.iter().filter_map(|column| {
        let collation = collation(&column["return_type"])?;
        Some((column["alias"].as_str().unwrap_or_default().to_owned(), collation.to_owned()))
    });
    let collated = collated.collect();
    let plan = around["children"].get_mut(0).map(Value::take)?;
    Some(Result {
        plan,
        schema,
        collated,
    })
}

fn schema(columns: &[Value]) -> Option<Schema> {
    let column = |column: &Value| {
        Some(Column {
            name: column["alias"].as_str().filter(|name| !name.is_empty())?.to_owned(),
            data_type: data_type(&column["return_type"])?,
        })
    };
    let columns: Vec<Column> = columns.iter().map(column).collect::<Option<_>>()?;
    let schema = Schema(columns);
    let is_in_doubt = schema.names().any(|name| may_be_renamed(name, &schema));
    (!is_in_doubt).then_some(schema)
}

/// The collations by which texts are equal only if their bytes are.
const BY_BYTES: [&str; 4] = ["", "C", "POSIX", "BINARY"];

/// Returns a collation anywhere in a type.
fn collation(data_type: &Value) -> Option<&str> {
    let fields = data_type.as_object()?;
    let here = fields.get("collation").and_then(Value::as_str);
    let here = here.filter(|name| !BY_BYTES.iter().any(|plain| plain.eq_ignore_ascii_case(name)));
    here.or_else(|| {
        fields.values().find_map(|field| match field {
            Value::Array(items) => items.iter().find_map(collation),
            other => collation(other),
        })
    })
}

/// Of two columns named `a`, the outer query names the second one `a_1`.
fn may_be_renamed(name: &str, schema: &Schema) -> bool {
    let number = name.rsplit_once('_').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    number.is_some_and(|(before, _)| schema.column(before).is_some())
}

/// Returns the text of a type, for types with only one possible text.
fn data_type(value: &Value) -> Option<String> {
    let (id, info) = (value["id"].as_str()?, &value["type_info"]);
    if info.is_null() {
        return Scalar::ALL.iter().map(|scalar| scalar.name()).find(|name| *name == id).map(ToOwned::to_owned);
    }
    let is_plain = info["alias"].as_str().is_none_or(str::is_empty) && info["extension_info"].is_null();
    match id {
        "DECIMAL" if is_plain => Some(format!("DECIMAL({},{})", info["width"].as_u64()?, info["scale"].as_u64()?)),
        "LIST" if is_plain => data_type(&info["child_type"]).map(|item| format!("{item}[]")),
        _ => None,
    }
}
