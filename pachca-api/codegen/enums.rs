//! Open enums: the values of the description as variants, and any other string as `Unknown`.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::{Map, Value};

/// A named string enum of the document.
pub struct OpenEnum<'a> {
    /// The schema's name.
    pub name: &'a str,
    about: &'a str,
    /// The value on the wire and the variant's name, in document order.
    pub variants: Vec<(&'a str, String)>,
}

/// Every named string enum of the document.
pub fn open_enums(document: &Value) -> Vec<OpenEnum<'_>> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    schemas.into_iter().flatten().filter_map(|(name, schema)| open_enum(name, schema.as_object()?)).collect()
}

fn open_enum<'a>(name: &'a str, schema: &'a Map<String, Value>) -> Option<OpenEnum<'a>> {
    if schema.get("type").and_then(Value::as_str) != Some("string") {
        return None;
    }
    let values: Vec<&str> = schema.get("enum")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let about = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    Some(OpenEnum { name, about, variants: variants(&values) })
}

/// Gives each value a variant's name of its own.
fn variants<'a>(values: &[&'a str]) -> Vec<(&'a str, String)> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::from([("Unknown".to_owned(), 1)]);
    values
        .iter()
        .map(|value| {
            let mut name = value.to_upper_camel_case();
            if syn::parse_str::<syn::Ident>(&name).is_err() {
                name = format!("Value{name}");
            }
            // Two values may differ in what an identifier cannot hold, and one may be called `unknown`.
            let count = taken.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
            if *count > 1 {
                name = format!("{name}{count}");
            }
            (*value, name)
        })
        .collect()
}

impl OpenEnum<'_> {
    /// The enum, by the macro that gives all of them the same abilities.
    pub fn code(&self) -> TokenStream {
        let ident = format_ident!("{}", self.name.to_upper_camel_case());
        let about = if self.about.is_empty() { format!("`{}`.", self.name) } else { self.about.to_owned() };
        let variants = self.variants.iter().map(|(value, variant)| {
            let variant = format_ident!("{variant}");
            quote! { #variant = #value }
        });
        quote! {
            crate::open_enum::open_enum! {
                #[doc = #about]
                pub enum #ident { #(#variants,)* }
            }
        }
    }
}
