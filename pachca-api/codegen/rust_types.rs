//! The Rust type of a schema, for the parameters of what is generated beside progenitor.

use anyhow::{Result, bail};
use heck::ToUpperCamelCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

/// The type that progenitor gives to the same schema.
///
/// # Errors
/// When the schema is one that only stands in bodies.
pub fn rust_type(schema: &Value) -> Result<TokenStream> {
    if let Some(name) = referred(schema) {
        let ident = format_ident!("{}", name.to_upper_camel_case());
        let named = quote! { types::#ident };
        return Ok(if schema.get("nullable") == Some(&Value::Bool(true)) {
            quote! { ::std::option::Option<#named> }
        } else {
            named
        });
    }
    let format = schema.get("format").and_then(Value::as_str);
    Ok(match (schema.get("type").and_then(Value::as_str), format) {
        (Some("integer"), _) => quote! { i64 },
        (Some("number"), _) => quote! { f64 },
        (Some("boolean"), _) => quote! { bool },
        (Some("string"), Some("date-time")) => quote! { ::chrono::DateTime<::chrono::offset::Utc> },
        (Some("string"), Some("date")) => quote! { ::chrono::naive::NaiveDate },
        (Some("string"), _) => quote! { ::std::string::String },
        (Some("array"), _) => {
            let item = rust_type(schema.get("items").unwrap_or(&Value::Null))?;
            quote! { ::std::vec::Vec<#item> }
        }
        (other, _) => bail!("a value of type `{}` cannot be given here", other.unwrap_or("unknown")),
    })
}

/// The name of the schema that this one refers to.
pub fn referred(schema: &Value) -> Option<&str> {
    let member = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([member]) => member,
        _ => schema,
    };
    member.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")
}
