//! The table of operations: what a layer may want to know about a call.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::plan::Planned;

/// The table, sorted by name, the address of the official server, and which fields are secret.
pub fn table(document: &Value, planned: &[Planned]) -> TokenStream {
    let mut sorted: Vec<&Planned> = planned.iter().collect();
    sorted.sort_by_key(|operation| operation.method_name());
    let rows = sorted.into_iter().map(row);
    let base_url = document.pointer("/servers/0/url").and_then(Value::as_str).unwrap_or_default();
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let secret: BTreeSet<&String> = schemas
        .into_iter()
        .flat_map(|schemas| schemas.values())
        .filter_map(|schema| schema.get("properties").and_then(Value::as_object))
        .flatten()
        .filter(|(_, property)| property.get("x-secret") == Some(&Value::Bool(true)))
        .map(|(name, _)| name)
        .collect();
    quote! {
        /// The names of the fields whose values are secret.
        pub(crate) static SECRET_FIELDS: &[&str] = &[#(#secret),*];

        /// The address of the official server.
        pub const BASE_URL: &str = #base_url;

        /// Every operation, sorted by name.
        pub(crate) static OPERATIONS: &[crate::Operation] = &[#(#rows),*];
    }
}

fn row(planned: &Planned) -> TokenStream {
    let name = planned.method_name();
    let Planned { path, operation, .. } = planned;
    let method = planned.method.to_uppercase();
    let text = |key: &str| {
        let value = operation.pointer(key).and_then(Value::as_str);
        value.map_or(quote! { None }, |value| quote! { Some(#value) })
    };
    let scope = text("/x-requirements/scope");
    let plan = text("/x-requirements/plan");
    let authenticated = operation.pointer("/x-requirements/auth") != Some(&Value::Bool(false))
        && operation.get("x-external-url").is_none();
    let paginated = operation.get("x-paginated") == Some(&Value::Bool(true));
    quote! {
        crate::Operation {
            name: #name,
            method: #method,
            path: #path,
            scope: #scope,
            plan: #plan,
            authenticated: #authenticated,
            paginated: #paginated,
        }
    }
}
