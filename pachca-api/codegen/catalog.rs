//! The list of types for tools that want all of them: their JSON schemas, and reading by name.

use heck::ToUpperCamelCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

/// The list, sorted by the names that the schemas have in the document.
pub fn catalog(document: &Value) -> TokenStream {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let mut names: Vec<&String> = schemas.into_iter().flat_map(|schemas| schemas.keys()).collect();
    names.sort();
    let entries = names.into_iter().map(|name| {
        let ident = format_ident!("{}", name.to_upper_camel_case());
        quote! { crate::catalog::Type::of::<types::#ident>(#name) }
    });
    quote! {
        /// Every type, sorted by name.
        #[cfg(feature = "schemars")]
        pub(crate) static TYPES: &[crate::catalog::Type] = &[#(#entries),*];
    }
}
