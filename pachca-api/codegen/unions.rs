//! Unions: enums that read the tags which the document gives, and keep what they do not know.
//!
//! The tags are the properties that refer to an enum in every member; as few as tell all members apart. Where the
//! members have none, the selector stands beside the union, and regen has written which value means which member
//! into `x-selector`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use heck::ToUpperCamelCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Map, Value};

use super::rust_types::referred;

/// A named union of the document.
pub struct Union {
    /// The schema's name.
    pub name: String,
    about: String,
    /// The schema names of the members, in document order.
    members: Vec<String>,
    tags: Tags,
}

/// How a union's members are told apart.
enum Tags {
    /// By properties of the members; each combination of their values, with the member's place.
    Inside { properties: Vec<String>, values: Vec<(Vec<String>, usize)> },
    /// By a value beside the union.
    Beside { property: String, values: Vec<(String, usize)> },
}

/// Every named union of the document.
///
/// # Errors
/// Names the union whose members cannot be told apart.
pub fn unions(document: &Value) -> Result<Vec<Union>> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let mut unions = Vec::new();
    for (name, schema) in schemas.into_iter().flatten() {
        let members = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(*key)).and_then(Value::as_array);
        if let Some(members) = members {
            let Some(members) = members.iter().map(|member| referred(member).map(str::to_owned)).collect() else {
                bail!("schema {name}: a member of the union has no name");
            };
            unions.push(union(name, schema, members, document)?);
        }
    }
    Ok(unions)
}

fn union(name: &str, schema: &Value, members: Vec<String>, document: &Value) -> Result<Union> {
    let about = schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    let place = |member: &Value| members.iter().position(|known| Some(known.as_str()) == member.as_str());
    let tags = match schema.get("x-selector").and_then(Value::as_object) {
        Some(selector) => Tags::Beside {
            property: selector.get("property").and_then(Value::as_str).unwrap_or_default().to_owned(),
            values: selector
                .get("members")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter_map(|(value, member)| Some((value.clone(), place(member)?)))
                .collect(),
        },
        None => match inside(&members, document) {
            Some(tags) => tags,
            None => bail!("schema {name}: no property tells the members of the union apart"),
        },
    };
    let variants = variant_names(&members);
    let distinct: BTreeSet<&str> = variants.iter().map(String::as_str).chain(["Unknown"]).collect();
    if distinct.len() != variants.len() + 1 {
        bail!("schema {name}: two members of the union would be the same variant");
    }
    Ok(Union { name: name.to_owned(), about, members, tags })
}

/// The fewest tag properties by which no two members share a combination of values.
fn inside(members: &[String], document: &Value) -> Option<Tags> {
    let tags: Vec<BTreeMap<String, Vec<String>>> =
        members.iter().map(|member| enum_properties(member, document)).collect();
    let first = tags.first()?;
    let common: Vec<&String> = property_order(members.first()?, document)
        .into_iter()
        .filter_map(|name| first.get_key_value(&name).map(|(name, _)| name))
        .filter(|name| tags.iter().all(|tags| tags.contains_key(*name)))
        .collect();
    for count in 1..=common.len() {
        let properties: Vec<String> = common.iter().take(count).map(|name| (*name).clone()).collect();
        let mut values = Vec::new();
        for (index, tags) in tags.iter().enumerate() {
            let mut rows = vec![Vec::new()];
            for property in &properties {
                let known = tags.get(property).map(Vec::as_slice).unwrap_or_default();
                rows = rows
                    .iter()
                    .flat_map(|row| {
                        known.iter().map(move |value| [row.as_slice(), std::slice::from_ref(value)].concat())
                    })
                    .collect();
            }
            values.extend(rows.into_iter().map(|row| (row, index)));
        }
        let distinct: BTreeSet<&Vec<String>> = values.iter().map(|(row, _)| row).collect();
        if distinct.len() == values.len() {
            return Some(Tags::Inside { properties, values });
        }
    }
    None
}

fn property_order(member: &str, document: &Value) -> Vec<String> {
    properties(member, document).into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

fn properties<'a>(member: &str, document: &'a Value) -> Option<&'a Map<String, Value>> {
    document.pointer(&format!("/components/schemas/{member}/properties"))?.as_object()
}

/// The properties of a member that refer to a string enum, with its values.
fn enum_properties(member: &str, document: &Value) -> BTreeMap<String, Vec<String>> {
    properties(member, document)
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| {
            let values = document.pointer(&format!("/components/schemas/{}/enum", referred(property)?))?.as_array()?;
            Some((name.clone(), values.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
        })
        .collect()
}

impl Union {
    /// The property beside the union that tells its member, if it is one of those.
    pub fn selector(&self) -> Option<&str> {
        match &self.tags {
            Tags::Beside { property, .. } => Some(property),
            Tags::Inside { .. } => None,
        }
    }

    /// The enum and how it is read and written.
    pub fn code(&self) -> TokenStream {
        let ident = format_ident!("{}", self.name.to_upper_camel_case());
        let about = &self.about;
        let variants: Vec<Ident> = variant_names(&self.members).iter().map(|name| format_ident!("{name}")).collect();
        let types: Vec<Ident> =
            self.members.iter().map(|name| format_ident!("{}", name.to_upper_camel_case())).collect();
        let conversions = variants.iter().zip(&types).map(|(variant, member)| {
            quote! {
                impl ::std::convert::From<#member> for #ident {
                    fn from(value: #member) -> Self {
                        Self::#variant(value)
                    }
                }
            }
        });
        let reading = self.reading(&ident, &variants, &types);
        quote! {
            #[doc = #about]
            #[derive(Clone, Debug)]
            #[non_exhaustive]
            pub enum #ident {
                #(#[allow(missing_docs)] #variants(#types),)*
                /// What the description did not have when this crate was generated, as it was received.
                Unknown(::serde_json::Value),
            }

            impl ::serde::Serialize for #ident {
                fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                    match self {
                        #(Self::#variants(value) => value.serialize(serializer),)*
                        Self::Unknown(value) => value.serialize(serializer),
                    }
                }
            }

            #[cfg(feature = "schemars")]
            impl ::schemars::JsonSchema for #ident {
                fn schema_name() -> ::std::borrow::Cow<'static, str> {
                    stringify!(#ident).into()
                }

                fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                    // The last member stands for what the description does not have yet.
                    let members = [#(generator.subschema_for::<#types>(),)* true.into()];
                    ::schemars::json_schema!({ "anyOf": members })
                }
            }

            #(#conversions)*
            #reading
        }
    }

    fn reading(&self, ident: &Ident, variants: &[Ident], types: &[Ident]) -> TokenStream {
        match &self.tags {
            Tags::Inside { properties, values } => {
                let arms = values.iter().map(|(row, index)| {
                    let variant = &variants[*index];
                    quote! { [#(Some(#row)),*] => crate::union::member(value, &TAGS).map(Self::#variant), }
                });
                let repairs = values.iter().map(|(row, index)| {
                    let member = &types[*index];
                    quote! { [#(Some(#row)),*] => <#member as crate::Repair>::repair(value, place), }
                });
                let count = properties.len();
                quote! {
                    impl crate::Repair for #ident {
                        fn empty() -> ::std::option::Option<::serde_json::Value> {
                            Some(::serde_json::Value::Null)
                        }

                        fn repair(value: &mut ::serde_json::Value, place: &mut crate::Place) {
                            match crate::union::tags(value, &[#(#properties),*]) {
                                #(#repairs)*
                                _ => {}
                            }
                        }
                    }

                    impl<'de> ::serde::Deserialize<'de> for #ident {
                        fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                            const TAGS: [&str; #count] = [#(#properties),*];
                            let value = <::serde_json::Value as ::serde::Deserialize>::deserialize(deserializer)?;
                            match crate::union::tags(&value, &TAGS) {
                                #(#arms)*
                                _ => Ok(Self::Unknown(value)),
                            }
                        }
                    }
                }
            }
            Tags::Beside { values, .. } => {
                let arms = values.iter().map(|(value, index)| {
                    let variant = &variants[*index];
                    quote! { #value => crate::union::fitting(&details).map(Self::#variant), }
                });
                quote! {
                    impl #ident {
                        /// Reads the member that a value beside the union stands for; what does not fit is kept raw.
                        pub fn select(selector: &str, details: ::serde_json::Value) -> Self {
                            let member = match selector {
                                #(#arms)*
                                _ => None,
                            };
                            member.unwrap_or(Self::Unknown(details))
                        }
                    }

                    impl crate::Repair for #ident {
                        fn empty() -> ::std::option::Option<::serde_json::Value> {
                            Some(::serde_json::Value::Null)
                        }
                    }

                    // Alone, without the value beside it, nothing tells which member it is.
                    impl<'de> ::serde::Deserialize<'de> for #ident {
                        fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                            <::serde_json::Value as ::serde::Deserialize>::deserialize(deserializer).map(Self::Unknown)
                        }
                    }
                }
            }
        }
    }
}

/// The members' names without the words that all of them begin or end with.
pub fn variant_names(members: &[String]) -> Vec<String> {
    let words: Vec<Vec<String>> = members
        .iter()
        .map(|name| heck::ToSnakeCase::to_snake_case(name.as_str()).split('_').map(str::to_owned).collect())
        .collect();
    let shortest = words.iter().map(Vec::len).min().unwrap_or_default().saturating_sub(1);
    let same = |at: &dyn Fn(&Vec<String>) -> Option<String>| words.windows(2).all(|pair| at(&pair[0]) == at(&pair[1]));
    let head = (0..shortest).take_while(|index| same(&|words| words.get(*index).cloned())).count();
    let tail = (0..shortest - head)
        .take_while(|index| {
            same(&|words| words.len().checked_sub(index + 1).and_then(|place| words.get(place)).cloned())
        })
        .count();
    words.iter().map(|words| words[head..words.len() - tail].join("_").to_upper_camel_case()).collect()
}
