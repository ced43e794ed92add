//! Changes to the generated types: our enums and unions among them, unions that are selected by a neighbour, and
//! tags that have one value.

use anyhow::{Context as _, Result};
use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use serde_json::Value;
use syn::{Expr, Item, Stmt, parse_quote};

use super::enums::OpenEnum;
use super::rewrite::{find_struct, module, names, without_derive};
use super::rust_types::referred;
use super::unions::Union;

/// Adds items to the module of types.
///
/// # Errors
/// When the code is not Rust.
pub fn add(types: &mut Vec<Item>, code: TokenStream) -> Result<()> {
    types.extend(syn::parse2::<syn::File>(code).context("a type is not Rust")?.items);
    Ok(())
}

/// Reads a union whose selector stands beside it together with the selector.
///
/// # Errors
/// When the struct around the union was not generated.
pub fn select(types: &mut Vec<Item>, document: &Value, unions: &[Union]) -> Result<()> {
    for (name, schema) in schemas(document) {
        for (property, value) in properties(schema) {
            let union = unions.iter().find(|union| referred(value) == Some(&union.name));
            let Some((union, selector)) = union.and_then(|union| Some((union, union.selector()?))) else { continue };
            if schema.pointer(&format!("/properties/{selector}")).is_none() {
                continue;
            }
            let item = find_struct(types, &name.to_upper_camel_case()).with_context(|| format!("no struct {name}"))?;
            let mut received = item.clone();
            received.ident = format_ident!("Received");
            received.vis = syn::Visibility::Inherited;
            received.attrs = vec![parse_quote! { #[derive(::serde::Deserialize)] }];
            let field = format_ident!("{}", property.to_snake_case());
            let selector = format_ident!("{}", selector.to_snake_case());
            for own in received.fields.iter_mut().filter(|own| own.ident.as_ref() == Some(&field)) {
                own.ty = parse_quote! { ::serde_json::Value };
            }
            without_derive(item, "Deserialize");
            let ident = item.ident.clone();
            let others: Vec<syn::Ident> =
                item.fields.iter().filter_map(|own| own.ident.clone()).filter(|own| *own != field).collect();
            let union = format_ident!("{}", union.name.to_upper_camel_case());
            types.push(parse_quote! {
                impl<'de> ::serde::Deserialize<'de> for #ident {
                    fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                        #received
                        let received = <Received as ::serde::Deserialize>::deserialize(deserializer)?;
                        Ok(Self {
                            #field: #union::select(received.#selector.as_str(), received.#field),
                            #(#others: received.#others,)*
                        })
                    }
                }
            });
        }
    }
    Ok(())
}

/// Writes times with milliseconds, and gives the types their JSON schema where the user asks for it.
pub fn attributes(types: &mut [Item]) {
    for item in types {
        let Item::Struct(item) = item else { continue };
        item.attrs.push(parse_quote! { #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))] });
        for field in &mut item.fields {
            if field.ty.to_token_stream().to_string().contains("chrono :: DateTime") {
                field.attrs.push(parse_quote! { #[serde(serialize_with = "crate::time::serialize")] });
            }
        }
    }
}

/// Lets every struct be put right when an answer is not quite what was described.
pub fn repairs(types: &mut Vec<Item>) {
    let repairs: Vec<Item> = types
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) => Some(item),
            _ => None,
        })
        .map(|item| {
            let ident = &item.ident;
            let fields = item.fields.iter().filter_map(|field| {
                let WireField { name, optional } = wire_field(field)?;
                let ty = &field.ty;
                Some(if optional {
                    quote! { optional #name: #ty, }
                } else {
                    quote! { required #name: #ty, }
                })
            });
            parse_quote! { crate::repair::repair_struct! { #ident { #(#fields)* } } }
        })
        .collect();
    types.extend(repairs);
}

/// A field as it is in JSON.
struct WireField {
    name: String,
    /// Whether it may be missing.
    optional: bool,
}

fn wire_field(field: &syn::Field) -> Option<WireField> {
    let ident = field.ident.as_ref()?.to_string();
    let mut wire = WireField { name: ident.trim_start_matches("r#").to_owned(), optional: false };
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let _ = attribute.parse_nested_meta(|meta| {
            let value =
                if meta.input.peek(syn::Token![=]) { Some(meta.value()?.parse::<syn::LitStr>()?) } else { None };
            if let Some(value) = value.filter(|_| meta.path.is_ident("rename")) {
                wire.name = value.value();
            }
            wire.optional |= meta.path.is_ident("skip_serializing_if");
            Ok(())
        });
    }
    Some(wire)
}

/// A required field whose enum has one value is set from the start: there is nothing to choose.
pub fn constants(types: &mut [Item], document: &Value, enums: &[OpenEnum<'_>]) {
    let Some(builders) = module(types, "builder") else { return };
    for (name, schema) in schemas(document) {
        for (property, value) in properties(schema) {
            let sole = enums.iter().find(|own| referred(value) == Some(own.name)).filter(|own| own.variants.len() == 1);
            let Some((own, (_, variant))) = sole.and_then(|own| Some((own, own.variants.first()?))) else { continue };
            let constant = format_ident!("{}", own.name.to_upper_camel_case());
            let variant = format_ident!("{variant}");
            let constant: Expr = parse_quote! { Ok(super::#constant::#variant) };
            set_initial(builders, &name.to_upper_camel_case(), &property.to_snake_case(), &constant);
        }
    }
}

/// Replaces the error that a required field of a builder starts with.
fn set_initial(builders: &mut [Item], ident: &str, property: &str, initial: &Expr) {
    let defaults = builders.iter_mut().filter_map(|item| match item {
        Item::Impl(item)
            if names(&item.self_ty, ident)
                && item
                    .trait_
                    .as_ref()
                    .is_some_and(|(path, _)| path.segments.last().is_some_and(|last| last.ident == "Default")) =>
        {
            Some(item)
        }
        _ => None,
    });
    for item in defaults.flat_map(|item| &mut item.items) {
        let syn::ImplItem::Fn(method) = item else { continue };
        let Some(Stmt::Expr(Expr::Struct(value), _)) = method.block.stmts.last_mut() else { continue };
        for field in &mut value.fields {
            let name = field.member.to_token_stream().to_string();
            let same = name.trim_start_matches("r#").trim_end_matches('_') == property;
            // An optional field starts unset, and stays so.
            if same && field.expr.to_token_stream().to_string().starts_with("Err") {
                field.expr = initial.clone();
            }
        }
    }
}

fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten()
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}
