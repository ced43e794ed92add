//! `cargo xtask coverage`: every official operation and what makes it callable.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use clap::ValueEnum;
use serde::Serialize;

use crate::codegen;
use crate::document::Document;
use crate::regen::workspace_root;
use crate::source::{self, Source};

#[derive(clap::Args)]
pub struct Arguments {
    /// A path or an http(s) address of the official description [default: the committed `openapi.yaml`]
    #[arg(long, value_name = "PATH|URL")]
    from: Option<String>,
    /// How to print the list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line for each operation, then the count
    Text,
    /// A list of objects
    Json,
}

/// One official operation.
#[derive(Debug, Serialize)]
struct Row {
    method: String,
    path: String,
    operation_id: String,
    /// What makes it callable; nothing when it is not.
    by: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let committed = source::load(&workspace_root().join("openapi.yaml").to_string_lossy())?;
    let official = arguments.from.as_deref().map(source::load).transpose()?;
    let rows = rows(&committed, official.as_ref())?;
    match arguments.format {
        Format::Text => print!("{}", text(&rows)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&rows)?),
    }
    let missing: Vec<String> = rows
        .iter()
        .filter(|row| row.by.is_none())
        .map(|row| format!("{} {} ({})", row.method, row.path, row.operation_id))
        .collect();
    if !missing.is_empty() {
        bail!("{} of {} operations cannot be called: {}", missing.len(), rows.len(), missing.join(", "));
    }
    Ok(())
}

/// Lists the operations of `official`, or else of the committed description, with what makes each callable.
fn rows(committed: &Source, official: Option<&Source>) -> Result<Vec<Row>> {
    let listed = Document::parse(official.unwrap_or(committed))?;
    let generated = codegen::generate(&codegen::parse(&committed.text)?)?;
    let methods = client_methods(&generated.source)?;
    Ok(listed
        .operations()
        .into_iter()
        .map(|(key, _)| {
            let planned = generated
                .operations
                .iter()
                .find(|(planned, _)| planned.method == key.method && unnamed(&planned.path) == unnamed(&key.path));
            // What was planned counts only when the method stands in the generated source.
            let by =
                planned.filter(|(planned, _)| methods.contains(&planned.method_name())).map(|(_, by)| by.to_string());
            Row { method: key.method.to_uppercase(), path: key.path, operation_id: key.id, by }
        })
        .collect())
}

/// The names of the public methods of the generated `Client`.
fn client_methods(source: &str) -> Result<BTreeSet<String>> {
    let file = syn::parse_file(source)?;
    let methods = file.items.iter().filter_map(|item| match item {
        syn::Item::Impl(item) if item.trait_.is_none() => Some(item),
        _ => None,
    });
    Ok(methods
        .filter(|item| matches!(&*item.self_ty, syn::Type::Path(path) if path.path.is_ident("Client")))
        .flat_map(|item| &item.items)
        .filter_map(|item| match item {
            syn::ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
            _ => None,
        })
        .collect())
}

/// A path without the names of its parameters, which upstream changes at will.
fn unnamed(path: &str) -> String {
    path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect::<Vec<_>>().join("/")
}

fn text(rows: &[Row]) -> String {
    let width = |cell: fn(&Row) -> &str| rows.iter().map(|row| cell(row).len()).max().unwrap_or_default();
    let (path, id) = (width(|row| &row.path), width(|row| &row.operation_id));
    let mut lines = String::new();
    for row in rows {
        let by = row.by.as_deref().unwrap_or("MISSING");
        lines.push_str(&format!("{:<6}  {:<path$}  {:<id$}  {by}\n", row.method, row.path, row.operation_id));
    }
    let callable = rows.iter().filter(|row| row.by.is_some()).count();
    lines.push_str(&format!("{callable} of {} operations can be called\n", rows.len()));
    lines
}
