//! From the patched description to Rust: what `build.rs` runs, and what `cargo xtask regen` tries before it writes.

use anyhow::{Context as _, Result};
use serde_json::Value;

mod beside;
mod catalog;
mod client;
mod enums;
mod operations;
mod pages;
mod plan;
mod rewrite;
mod rust_types;
mod setters;
mod types;
mod unions;

pub use plan::{By, Planned};
#[allow(unused_imports, reason = "build.rs only needs the source; xtask tells when a variant gets another name")]
pub use unions::variant_names;

/// The generated client.
pub struct Generated {
    /// Rust source text, to be included in a module.
    pub source: String,
    /// What makes each operation callable, in document order.
    #[cfg_attr(not(test), allow(dead_code, reason = "build.rs only needs the source"))]
    pub operations: Vec<(Planned, By)>,
}

/// Reads a description.
///
/// # Errors
/// When the text is not YAML.
pub fn parse(text: &str) -> Result<Value> {
    // YAML 1.1 reads `y`, `no` and `on` as booleans, and enum values may be spelled so.
    let options = serde_saphyr::options! { strict_booleans: true };
    Ok(serde_saphyr::from_str_with_options(text, options)?)
}

/// Generates the client, its types and the table of operations.
///
/// # Errors
/// Names the operation that cannot be generated, and the reason.
pub fn generate(document: &Value) -> Result<Generated> {
    let planned = plan::plan(document)?;
    let enums = enums::open_enums(document);
    let unions = unions::unions(document)?;
    let replaced: Vec<&str> =
        enums.iter().map(|own| own.name).chain(unions.iter().map(|own| own.name.as_str())).collect();
    let mut file = client::generate(document, &planned, &replaced)?;
    for operation in planned.iter().filter(|operation| operation.by != By::Progenitor) {
        let code = beside::generate(operation, document).with_context(|| operation.to_string())?;
        rewrite::add(&mut file, code)?;
    }
    rewrite::rewrite(&mut file, document)?;
    let types = rewrite::module(&mut file.items, "types").context("progenitor made no module `types`")?;
    for code in enums.iter().map(enums::OpenEnum::code).chain(unions.iter().map(unions::Union::code)) {
        types::add(types, code)?;
    }
    types::repairs(types);
    types::attributes(types);
    types::select(types, document, &unions)?;
    types::constants(types, document, &enums);
    if let Some(builders) = rewrite::module(types, "builder") {
        setters::optional(builders);
        setters::build(builders);
    }
    if let Some(builders) = rewrite::module(&mut file.items, "builder") {
        setters::optional(builders);
    }
    for operation in planned.iter().filter(|own| own.operation.get("x-paginated") == Some(&Value::Bool(true))) {
        let code = pages::implementation(operation, document).with_context(|| operation.to_string())?;
        file.items.push(syn::parse2(code)?);
    }
    for table in [operations::table(document, &planned), catalog::catalog(document)] {
        file.items.extend(syn::parse2::<syn::File>(table)?.items);
    }
    let operations = planned
        .into_iter()
        .map(|operation| {
            let by = operation.by;
            (operation, by)
        })
        .collect();
    Ok(Generated { source: prettyplease::unparse(&file), operations })
}
