//! Setters of optional values take the value itself or an `Option` of it, in bodies and in queries alike.

use quote::ToTokens as _;
use syn::{GenericArgument, ImplItem, ImplItemFn, Item, PathArguments, Type, parse_quote};

use super::rewrite::names;

/// Lets the builders of types end in `build()`, for values that stand inside lists.
pub fn build(items: &mut Vec<Item>) {
    let builds: Vec<Item> = items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item)
                if item.fields.iter().all(|field| field.ident.as_ref().is_none_or(|ident| ident != "build")) =>
            {
                Some(&item.ident)
            }
            _ => None,
        })
        .map(|ident| {
            parse_quote! {
                impl #ident {
                    /// Makes the value.
                    ///
                    /// # Errors
                    /// When a required field is not set, or what was given for one cannot be converted.
                    pub fn build(self) -> ::std::result::Result<super::#ident, super::error::ConversionError> {
                        self.try_into()
                    }
                }
            }
        })
        .collect();
    items.extend(builds);
}

/// Rewrites the setters of every builder in a module.
pub fn optional(items: &mut [Item]) {
    let fields: Vec<(String, String, Type)> = items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) => Some(item),
            _ => None,
        })
        .flat_map(|item| item.fields.iter().map(|field| (item.ident.to_string(), field)))
        .filter_map(|(owner, field)| Some((owner, field.ident.as_ref()?.to_string(), optional_value(&field.ty)?)))
        .collect();
    for item in items {
        let Item::Impl(item) = item else { continue };
        if item.trait_.is_some() {
            continue;
        }
        for method in &mut item.items {
            let ImplItem::Fn(method) = method else { continue };
            let field = fields
                .iter()
                .find(|(owner, field, _)| names(&item.self_ty, owner) && method.sig.ident == field.as_str());
            if let Some((_, _, value)) = field {
                *method = setter(method, value);
            }
        }
    }
}

fn setter(method: &ImplItemFn, value: &Type) -> ImplItemFn {
    let (docs, ident) = (&method.attrs, &method.sig.ident);
    let failed = format!("the value for {ident} cannot be converted: {{reason}}");
    parse_quote! {
        #(#docs)*
        pub fn #ident<V, M>(mut self, value: V) -> Self
        where
            V: crate::Optional<#value, M>,
        {
            self.#ident = value.optional().map_err(|reason| format!(#failed));
            self
        }
    }
}

/// The `T` of `Result<Option<T>, String>`, which is how a builder keeps an optional value.
fn optional_value(kept: &Type) -> Option<Type> {
    let result = argument_of(kept, "Result")?;
    argument_of(&result, "Option")
}

/// The first type argument of a type with a given name.
fn argument_of(candidate: &Type, name: &str) -> Option<Type> {
    let Type::Path(path) = candidate else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.first().and_then(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner.clone()),
        other => syn::parse2(other.to_token_stream()).ok(),
    })
}
