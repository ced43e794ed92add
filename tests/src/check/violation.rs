//! What the validator found, in the words and codes of the vendor's errors.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::refusal::BrokenRule;

/// Whether a broken rule is a bound, and not a matter of form.
pub fn is_bound(error: &ValidationError<'_>) -> bool {
    matches!(
        error.kind(),
        Kind::MaxItems { .. }
            | Kind::MinItems { .. }
            | Kind::Maximum { .. }
            | Kind::Minimum { .. }
            | Kind::ExclusiveMaximum { .. }
            | Kind::ExclusiveMinimum { .. }
            | Kind::MaxLength { .. }
            | Kind::MinLength { .. }
            | Kind::MaxProperties { .. }
            | Kind::MinProperties { .. }
            | Kind::MultipleOf { .. }
            | Kind::Pattern { .. }
            | Kind::UniqueItems
    )
}

/// One broken rule as the vendor would tell it.
pub fn fault(error: &ValidationError<'_>) -> BrokenRule {
    if let Kind::AnyOf { context } | Kind::OneOfNotValid { context } = error.kind()
        && let Some(meant) = nearest(context)
    {
        return fault(meant);
    }
    let place = place(error);
    let at = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    let value = match error.instance().as_ref() {
        Value::Object(_) | Value::Array(_) => Value::Null,
        scalar => scalar.clone(),
    };
    let null = error.instance().is_null();
    match error.kind() {
        Kind::Required { property } => {
            let key = at(property.as_str().unwrap_or_default());
            BrokenRule::new("required", &key, Value::Null, format!("`{key}` is required"))
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let key = at(unexpected.first().map_or("", String::as_str));
            BrokenRule::new("wrong_params", &key, Value::Null, format!("The field `{key}` is not declared"))
        }
        Kind::Type { .. } if null => {
            BrokenRule::new("blank", place.clone(), Value::Null, format!("`{place}` must not be null"))
        }
        Kind::Enum { .. } | Kind::Constant { .. } => BrokenRule::new("inclusion", place, value, error.to_string()),
        Kind::MaxLength { .. } => BrokenRule::new("too_long", place, Value::Null, error.to_string()),
        _ => BrokenRule::new("invalid", place, value, error.to_string()),
    }
}

/// The branch of an `anyOf` that was most probably meant: the one whose constants fit and that has the fewest errors.
fn nearest<'a>(context: &'a [Vec<ValidationError<'static>>]) -> Option<&'a ValidationError<'static>> {
    let wrong_kind = |errors: &[ValidationError<'_>]| {
        errors.iter().any(|error| matches!(error.kind(), Kind::Enum { .. } | Kind::Constant { .. }))
    };
    // A branch that only wants null is never what somebody meant who sent something else.
    let null = |errors: &[ValidationError<'_>]| match errors {
        [error] => matches!(error.kind(), Kind::Type { .. }) && !error.instance().is_null(),
        _ => false,
    };
    context
        .iter()
        .filter(|errors| !errors.is_empty())
        .min_by_key(|errors| (wrong_kind(errors), null(errors), errors.len()))
        .and_then(|errors| errors.first())
}

fn place(error: &ValidationError<'_>) -> String {
    let pointer = error.instance_path().to_string();
    pointer.split('/').skip(1).collect::<Vec<_>>().join(".").replace("~1", "/").replace("~0", "~")
}
