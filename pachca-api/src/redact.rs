//! Bodies that an error keeps, without the secrets in them.

use crate::generated::SECRET_FIELDS;

/// The text with the values of secret fields taken out. It works on cut-off JSON too, because bodies are bounded.
pub(crate) fn redact(text: &str) -> String {
    SECRET_FIELDS.iter().fold(text.to_owned(), |text, name| redact_field(&text, name))
}

fn redact_field(text: &str, name: &str) -> String {
    let key = format!("\"{name}\"");
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(&key) {
        let (before, after) = rest.split_at(start + key.len());
        kept.push_str(before);
        rest = after;
        let value = after.trim_start().strip_prefix(':').map(str::trim_start).and_then(|value| value.strip_prefix('"'));
        if let Some(value) = value {
            kept.push_str(":\"[redacted]");
            rest = &value[string_length(value)..];
        }
    }
    kept.push_str(rest);
    kept
}

/// How many bytes of a JSON string stand before its closing quote, or all when it is cut off.
fn string_length(value: &str) -> usize {
    let mut escaped = false;
    value
        .bytes()
        .position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        })
        .unwrap_or(value.len())
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn the_values_of_secret_fields_are_taken_out() {
        let text =
            r#"{"data": {"id": 5, "access_token" : "a\"b\\", "name": "Bot", "token":"t"}, "access_token": null}"#;
        let shown = redact(text);
        assert_eq!(
            shown,
            r#"{"data": {"id": 5, "access_token":"[redacted]", "name": "Bot", "token":"[redacted]"}, "access_token": null}"#
        );
    }

    #[test]
    fn a_secret_that_is_cut_off_is_taken_out_too() {
        assert_eq!(redact(r#"{"x-amz-signature": "0123"#), r#"{"x-amz-signature":"[redacted]"#);
    }

    #[test]
    fn text_that_is_not_json_stays() {
        assert_eq!(redact("<h1>Bad gateway</h1> access_token"), "<h1>Bad gateway</h1> access_token");
    }
}
