//! Types that the options of a reader declare.

use super::super::session::Session;
use super::super::written_type;
use crate::intake::Refusal;
use crate::model::{OptionValue, Scalar};

/// Options with types as values, by column or in order.
const TYPED: [&str; 3] = ["columns", "types", "hive_types"];

/// Returns the options with every type in the engine's own text.
///
/// # Errors
/// If a text is not a type.
pub(super) fn canonical(
    session: &Session,
    options: Vec<(String, OptionValue)>,
) -> Result<Vec<(String, OptionValue)>, Refusal> {
    let canonical = |(name, value): (String, OptionValue)| {
        let is_typed = TYPED.contains(&name.as_str());
        let value = if is_typed { of_value(session, &name, value)? } else { value };
        Ok((name, value))
    };
    options.into_iter().map(canonical).collect()
}

fn of_value(session: &Session, option: &str, value: OptionValue) -> Result<OptionValue, Refusal> {
    Ok(match value {
        OptionValue::Scalar(Scalar::String(written)) => {
            let found = written_type::canonical(session, &written).map_err(|error| Refusal::Option {
                name: option.to_owned(),
                why: format!("contains an invalid type: {}", error.message),
                help: "write a type of the engine, such as `INTEGER` or `DECIMAL(10,2)`".to_owned(),
            })?;
            OptionValue::Scalar(Scalar::String(found))
        }
        OptionValue::List(items) => {
            OptionValue::List(items.into_iter().map(|item| of_value(session, option, item)).collect::<Result<_, _>>()?)
        }
        OptionValue::Struct(fields) => OptionValue::Struct(
            fields
                .into_iter()
                .map(|(name, value)| Ok((name, of_value(session, option, value)?)))
                .collect::<Result<_, Refusal>>()?,
        ),
        // The parser of the option refuses a value that is not a text.
        other @ OptionValue::Scalar(_) => other,
    })
}

/// Returns the types that the options declare by column: name, type.
pub(super) fn by_column(options: &[(String, OptionValue)]) -> Vec<(String, String)> {
    let typed = options.iter().filter(|(name, _)| TYPED.contains(&name.as_str()));
    let fields = typed.flat_map(|(_, value)| match value {
        OptionValue::Struct(fields) => fields.as_slice(),
        _ => &[],
    });
    let text = |(name, value): &(String, OptionValue)| match value {
        OptionValue::Scalar(Scalar::String(data_type)) => Some((name.clone(), data_type.clone())),
        _ => None,
    };
    fields.filter_map(text).collect()
}
