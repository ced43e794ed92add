//! What progenitor's output needs before it is ours: our error and response types, secrets out of `Debug`, and
//! fields that can say null.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, File, GenericArgument, ImplItem, Item, ItemMod, ItemStruct, PathArguments, Type, parse_quote};

use super::beside::Code;

/// Rewrites the whole file in place.
///
/// # Errors
/// When a marked property has no field, because then a secret would be printed or a null could not be sent.
pub fn rewrite(file: &mut File, document: &Value) -> Result<()> {
    for item in &mut file.items {
        if let Item::Use(item) = item
            && item.to_token_stream().to_string().contains("ResponseValue")
        {
            *item = parse_quote! { pub use progenitor_client::{ByteStream, ClientInfo}; };
        }
    }
    file.items.insert(0, parse_quote! { pub use crate::{Error, ResponseValue}; });
    Runtime { time_parameters: time_parameters(document) }.visit_file_mut(file);
    for item in &mut file.items {
        if let Item::Impl(item) = item
            && item.trait_.is_none()
            && names(&item.self_ty, "Client")
        {
            own_constructors(&mut item.items);
        }
    }
    let types = module(&mut file.items, "types").context("progenitor made no module `types`")?;
    mark(types, document, "x-secret", hide)?;
    mark(types, document, "x-explicit-null", |items, ident, fields| allow_null(items, ident, fields))
}

/// Adds one operation that was generated beside progenitor.
///
/// # Errors
/// When the code is not Rust, or the file has no module for it.
pub fn add(file: &mut File, code: Code) -> Result<()> {
    file.items.push(syn::parse2(code.client).context("the method is not Rust")?);
    let builder = syn::parse2::<File>(code.builder).context("the builder is not Rust")?;
    let module = module(&mut file.items, "builder").context("progenitor made no module `builder`")?;
    module.extend(builder.items);
    Ok(())
}

/// A client is made by its builder: progenitor's `new` panics when TLS cannot be set up, and knows no token.
fn own_constructors(items: &mut Vec<ImplItem>) {
    items.retain(|item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "new"));
    for item in items {
        if let ImplItem::Fn(method) = item
            && method.sig.ident == "new_with_client"
        {
            method.vis = parse_quote! { pub(crate) };
        }
    }
}

/// The items of a module.
pub fn module<'a>(items: &'a mut [Item], name: &str) -> Option<&'a mut Vec<Item>> {
    items.iter_mut().find_map(|item| match item {
        Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) if ident == name => Some(items),
        _ => None,
    })
}

/// The names of the query parameters that are times.
fn time_parameters(document: &Value) -> BTreeSet<String> {
    let items = document.get("paths").and_then(Value::as_object).into_iter().flat_map(|paths| paths.values());
    items
        .filter_map(Value::as_object)
        .flat_map(|item| item.values())
        .filter_map(|operation| operation.get("parameters").and_then(Value::as_array))
        .flatten()
        .filter(|parameter| parameter.pointer("/schema/format").and_then(Value::as_str) == Some("date-time"))
        .filter_map(|parameter| Some(parameter.get("name")?.as_str()?.to_owned()))
        .collect()
}

/// Puts our runtime under the generated operations: one error type, and answers that know their operation.
struct Runtime {
    /// The query parameters that are times.
    time_parameters: BTreeSet<String>,
}

impl VisitMut for Runtime {
    fn visit_attribute_mut(&mut self, attribute: &mut syn::Attribute) {
        // progenitor's examples leave out what they need to compile, and an ignored test is none.
        let ignored = concat!("```", "ignore");
        if attribute.path().is_ident("doc")
            && let syn::Meta::NameValue(meta) = &mut attribute.meta
            && let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &mut meta.value
            && text.value().contains(ignored)
        {
            *text = syn::LitStr::new(&text.value().replace(ignored, "```text"), text.span());
        }
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        if let Some(last) = path.segments.last_mut()
            && last.ident == "Error"
            && matches!(&last.arguments, PathArguments::AngleBracketed(arguments)
                if arguments.to_token_stream().to_string().contains("types ::"))
        {
            last.arguments = PathArguments::None;
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if let Expr::Call(call) = expression {
            let callee = call.func.to_token_stream().to_string();
            if callee == "Error :: ErrorResponse" {
                *expression = parse_quote! { Error::refused(response, info.operation_id).await };
                return;
            }
            if callee == "progenitor_client :: QueryParam :: new" {
                let mut arguments = call.args.iter_mut();
                if let (Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. })), Some(value)) =
                    (arguments.next(), arguments.next())
                    && self.time_parameters.contains(&name.value())
                {
                    *value = parse_quote! { &crate::time::query(#value) };
                }
                return;
            }
            if callee == "ResponseValue :: from_response" {
                *expression = parse_quote! { ResponseValue::decode(response, info.operation_id) };
                return;
            }
        }
        // A broken connection is told with the operation.
        if let Expr::Try(tried) = expression
            && matches!(&*tried.expr, Expr::Path(path) if path.path.is_ident("result"))
        {
            *expression = parse_quote! { result.map_err(|error| Error::transport(error, info.operation_id))? };
            return;
        }
        visit_mut::visit_expr_mut(self, expression);
    }

    fn visit_expr_match_mut(&mut self, expression: &mut syn::ExprMatch) {
        visit_mut::visit_expr_match_mut(self, expression);
        // progenitor ends with a second catch-all, which nothing can reach.
        if let Some(first) = expression.arms.iter().position(|arm| matches!(arm.pat, syn::Pat::Wild(_))) {
            expression.arms.truncate(first + 1);
        }
    }
}

/// Calls `change` for every schema that has properties with the mark, with the generated items and the fields.
fn mark(
    types: &mut Vec<Item>,
    document: &Value,
    mark: &str,
    change: fn(&mut Vec<Item>, &str, &BTreeSet<String>) -> usize,
) -> Result<()> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        let properties = schema.get("properties").and_then(Value::as_object);
        let marked: BTreeSet<String> = properties
            .into_iter()
            .flatten()
            .filter(|(_, property)| property.get(mark) == Some(&Value::Bool(true)))
            .map(|(property, _)| property.to_snake_case())
            .collect();
        if marked.is_empty() {
            continue;
        }
        let ident = name.to_upper_camel_case();
        let found = change(types, &ident, &marked);
        if let Some(builders) = module(types, "builder") {
            change(builders, &ident, &marked);
        }
        if found != marked.len() {
            anyhow::bail!("schema {name}: {} of {} properties with `{mark}` have a field", found, marked.len());
        }
    }
    Ok(())
}

fn is_field(field: &syn::Ident, names: &BTreeSet<String>) -> bool {
    let text = field.to_string();
    let bare = text.trim_start_matches("r#");
    names.contains(bare) || bare.strip_suffix('_').is_some_and(|bare| names.contains(bare))
}

/// Replaces the derived `Debug` of a struct by one that keeps the named fields to itself.
fn hide(items: &mut Vec<Item>, ident: &str, secret: &BTreeSet<String>) -> usize {
    let Some(item) = find_struct(items, ident) else { return 0 };
    without_derive(item, "Debug");
    let mut found = 0;
    let shown: Vec<TokenStream> = item
        .fields
        .iter()
        .filter_map(|field| field.ident.as_ref())
        .map(|field| {
            let name = field.to_string();
            if is_field(field, secret) {
                found += 1;
                quote! { .field(#name, &format_args!("[redacted]")) }
            } else {
                quote! { .field(#name, &self.#field) }
            }
        })
        .collect();
    let own = &item.ident;
    let debug = parse_quote! {
        impl ::std::fmt::Debug for #own {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.debug_struct(#ident)#(#shown)*.finish()
            }
        }
    };
    items.push(debug);
    found
}

/// Takes one trait out of what a struct derives.
pub fn without_derive(item: &mut ItemStruct, name: &str) {
    for attribute in item.attrs.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let mut kept: Vec<syn::Path> = Vec::new();
        let parsed = attribute.parse_nested_meta(|meta| {
            if meta.path.segments.last().is_none_or(|last| last.ident != name) {
                kept.push(meta.path);
            }
            Ok(())
        });
        if parsed.is_ok() {
            *attribute = parse_quote! { #[derive(#(#kept),*)] };
        }
    }
}

/// Makes `Option<T>` of the named fields `Option<Nullable<T>>`, in the struct and in the setters of its builder.
fn allow_null(items: &mut [Item], ident: &str, nullable: &BTreeSet<String>) -> usize {
    let mut found = 0;
    for item in items.iter_mut() {
        match item {
            Item::Struct(item) if item.ident == ident => {
                for field in &mut item.fields {
                    if !field.ident.as_ref().is_some_and(|name| is_field(name, nullable)) {
                        continue;
                    }
                    found += 1;
                    WrapOption.visit_type_mut(&mut field.ty);
                    if field.attrs.iter().any(|attribute| attribute.path().is_ident("serde")) {
                        field.attrs.push(parse_quote! {
                            #[serde(default, deserialize_with = "crate::nullable::present")]
                        });
                    }
                }
            }
            Item::Impl(item) if item.trait_.is_none() && names(&item.self_ty, ident) => {
                for method in &mut item.items {
                    if let ImplItem::Fn(method) = method
                        && is_field(&method.sig.ident, nullable)
                    {
                        WrapOption.visit_signature_mut(&mut method.sig);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// The struct of a name.
pub fn find_struct<'a>(items: &'a mut [Item], ident: &str) -> Option<&'a mut ItemStruct> {
    items.iter_mut().find_map(|item| match item {
        Item::Struct(item) if item.ident == ident => Some(item),
        _ => None,
    })
}

/// Whether a type is the one of a name.
pub fn names(candidate: &Type, ident: &str) -> bool {
    matches!(candidate, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == ident))
}

struct WrapOption;

impl VisitMut for WrapOption {
    fn visit_path_segment_mut(&mut self, segment: &mut syn::PathSegment) {
        visit_mut::visit_path_segment_mut(self, segment);
        if segment.ident == "Option"
            && let PathArguments::AngleBracketed(arguments) = &mut segment.arguments
        {
            for argument in &mut arguments.args {
                if let GenericArgument::Type(inner) = argument {
                    *inner = parse_quote! { crate::Nullable<#inner> };
                }
            }
        }
    }
}
