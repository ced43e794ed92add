//! What progenitor generates: the client, the types and most operations.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context as _, Result, anyhow};
use heck::ToUpperCamelCase;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use serde_json::{Map, Value};

use super::plan::{By, Planned};

/// Generates everything but the operations that are generated beside it and the `replaced` types.
///
/// # Errors
/// Names the operation on which progenitor fails, and its reason.
pub fn generate(document: &Value, planned: &[Planned], replaced: &[&str]) -> Result<syn::File> {
    let taken = |operation: &Planned| operation.by == By::Progenitor;
    tokens(document, replaced, |path, method| {
        planned.iter().any(|own| taken(own) && own.path == path && own.method == method)
    })
    .map_err(|reason| {
        // Alone, the operation that fails is known by its name.
        let culprit = planned
            .iter()
            .filter(|own| taken(own))
            .find(|own| tokens(document, replaced, |path, method| own.path == path && own.method == method).is_err());
        match culprit {
            Some(operation) => anyhow!("{operation}: progenitor: {reason:#}"),
            None => anyhow!("progenitor: {reason:#}"),
        }
    })
}

fn tokens(document: &Value, replaced: &[&str], keep: impl Fn(&str, &str) -> bool) -> Result<syn::File> {
    let prepared = prepare(document, keep);
    let spec: openapiv3::OpenAPI = serde_json::from_value(prepared).context("not an OpenAPI 3.0 document")?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote! { crate::Session })
        .with_map_type("::std::collections::BTreeMap");
    for name in replaced {
        // Our own type stands in the same module under the same name.
        let path = format!("crate::types::{}", name.to_upper_camel_case());
        settings.with_replacement(name, path, [TypeImpl::Display, TypeImpl::FromStr].into_iter());
    }
    let generated = quietly(|| Generator::new(&settings).generate_tokens(&spec));
    let tokens = generated.map_err(|panic| anyhow!("{panic}"))?.map_err(|error| anyhow!("{error}"))?;
    Ok(syn::parse2(tokens)?)
}

/// progenitor panics on what it does not know; a panic becomes its message.
fn quietly<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(run));
    std::panic::set_hook(hook);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        text.unwrap_or("it panicked").lines().next().unwrap_or_default().to_owned()
    })
}

/// The document as progenitor takes it: only `keep`'s operations, and any 2xx as success, because the server may
/// answer 200 where 201 was described, and because a success status beside `default` must be a range.
fn prepare(document: &Value, keep: impl Fn(&str, &str) -> bool) -> Value {
    let mut document = document.clone();
    for (path, item) in document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        let Some(item) = item.as_object_mut() else { continue };
        item.retain(|method, _| keep(path, method));
        for operation in item.values_mut() {
            if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
                *responses = std::mem::take(responses).into_iter().fold(Map::new(), |mut kept, (status, response)| {
                    match status.as_bytes().first() {
                        Some(b'2') => kept.insert("2XX".to_owned(), response),
                        // One error type for every other status; the refusals all refer to it.
                        _ if status == "default" => kept.insert(status, response),
                        _ => None,
                    };
                    kept
                });
            }
        }
    }
    document
}
