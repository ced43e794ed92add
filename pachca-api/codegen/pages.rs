//! Paginated operations: whatever says `x-paginated` can be walked page by page.

use anyhow::{Context as _, Result, anyhow};
use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::plan::{Answer, Planned};
use super::rust_types::{referred, rust_type};

/// What a page tells of its position, in the answer's `meta.paginate` and beside it.
const PAGINATE: [&str; 4] = ["next_page", "prev_page", "has_next", "has_prev"];

/// Implements `Paginated` for the builder of a paginated operation.
///
/// # Errors
/// Says what the operation lacks for being walked.
pub fn implementation(planned: &Planned, document: &Value) -> Result<TokenStream> {
    let builder = format_ident!("{}", planned.id.to_upper_camel_case());
    let name = planned.method_name();
    let parameters = planned.operation.get("parameters").and_then(Value::as_array);
    let has = |name: &str| {
        let mut names = parameters.into_iter().flatten().filter_map(|parameter| parameter.get("name")?.as_str());
        names.any(|parameter| parameter == name)
    };
    if !has("cursor") {
        return Err(anyhow!("it is paginated but takes no `cursor`"));
    }
    let Answer::Json(answer) = &planned.answer else { return Err(anyhow!("it is paginated but answers no JSON")) };
    let data = property(answer, "data", document).context("it is paginated but answers no `data`")?;
    let item = rust_type(data.get("items").context("its `data` is no list")?).context("its items")?;
    let meta = property(answer, "meta", document).context("it is paginated but answers no `meta`")?;
    let paginate = property(meta, "paginate", document).context("its `meta` has no `paginate`")?;
    let known = PAGINATE.iter().filter(|field| property(paginate, field, document).is_some()).map(|field| {
        let field = format_ident!("{}", field.to_snake_case());
        quote! { #field: paginate.#field.into(), }
    });
    let total = property(meta, "total", document).map(|_| quote! { total: answer.meta.total.into(), });
    Ok(quote! {
        impl crate::Paginated for builder::#builder<'_> {
            type Item = #item;

            const OPERATION: &'static str = #name;

            fn at(self, cursor: String) -> Self {
                self.cursor(cursor)
            }

            async fn page(self) -> Result<crate::Page<Self::Item>, Error> {
                let answer = self.send().await?;
                let corrections = answer.corrections().to_vec();
                let answer = answer.into_inner();
                let paginate = answer.meta.paginate;
                #[allow(clippy::needless_update)]
                let position = crate::Position { #(#known)* #total ..::std::default::Default::default() };
                Ok(crate::Page { items: answer.data, position, corrections })
            }
        }
    })
}

/// The schema of a property, with references followed.
fn property<'a>(schema: &'a Value, name: &str, document: &'a Value) -> Option<&'a Value> {
    let follow = |schema: &'a Value| match referred(schema) {
        Some(name) => document.pointer(&format!("/components/schemas/{name}")).unwrap_or(schema),
        None => schema,
    };
    Some(follow(follow(schema).get("properties")?.get(name)?))
}
