//! What progenitor cannot generate, in the same builder style: forms with files, addresses from other answers,
//! answers that are an address, and bodies that may be left out.

use anyhow::{Context as _, Result, bail};
use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::plan::{Answer, Planned};
use super::rust_types::{referred, rust_type};

/// The code of one operation: a method of `Client`, and items for the module `builder`.
pub struct Code {
    /// `impl Client { .. }`.
    pub client: TokenStream,
    /// The builder and its methods.
    pub builder: TokenStream,
}

/// One setter of the builder.
struct Field {
    ident: Ident,
    /// The name on the wire.
    name: String,
    rust_type: TokenStream,
    required: bool,
    doc: String,
    place: Place,
}

/// Where a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Address,
    Path,
    Query,
    Header,
    Text,
    File,
    Body,
}

/// Generates one operation.
///
/// # Errors
/// Says what about the operation cannot be generated.
pub fn generate(planned: &Planned, document: &Value) -> Result<Code> {
    let fields = fields(planned, document)?;
    let method = format_ident!("{}", planned.method_name());
    let builder = format_ident!("{}", planned.id.to_upper_camel_case());
    let builder_name = builder.to_string();
    let about = planned.operation.get("description").and_then(Value::as_str).unwrap_or_default();
    let sends = format!("Sends a `{}` request to `{}`", planned.method.to_uppercase(), planned.path);
    let doc = format!("{about}\n\n{sends}");
    let builder_doc = format!("Builder for [`Client::{method}`]\n\n[`Client::{method}`]: super::Client::{method}");

    let declarations = fields.iter().map(Field::declaration);
    let initial = fields.iter().map(Field::initial);
    let setters = fields.iter().map(Field::setter);
    let idents: Vec<&Ident> = fields.iter().map(|field| &field.ident).collect();
    let (value, answer) = answer(planned)?;
    let request = request(planned, &fields);
    let name = planned.method_name();

    Ok(Code {
        client: quote! {
            impl Client {
                #[doc = #doc]
                pub fn #method(&self) -> builder::#builder<'_> {
                    builder::#builder::new(self)
                }
            }
        },
        builder: quote! {
            #[doc = #builder_doc]
            pub struct #builder<'a> {
                client: &'a super::Client,
                #(#declarations,)*
            }

            // The fields of a form may be credentials, so none is printed.
            impl ::std::fmt::Debug for #builder<'_> {
                fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    formatter.debug_struct(#builder_name).finish_non_exhaustive()
                }
            }

            impl<'a> #builder<'a> {
                #[doc = "Starts with nothing set."]
                pub fn new(client: &'a super::Client) -> Self {
                    Self { client, #(#initial,)* }
                }

                #(#setters)*

                #[doc = #sends]
                pub async fn send(self) -> Result<ResponseValue<#value>, Error> {
                    let Self { client, #(#idents,)* } = self;
                    #(let #idents = #idents.map_err(Error::InvalidRequest)?;)*
                    #request
                    let info = OperationInfo { operation_id: #name };
                    let result = client.exec(request, &info).await;
                    let response = result?;
                    match response.status().as_u16() {
                        #answer
                        _ => Err(Error::refused(response, #name).await),
                    }
                }
            }
        },
    })
}

fn fields(planned: &Planned, document: &Value) -> Result<Vec<Field>> {
    let mut fields = Vec::new();
    if let Some(name) = planned.operation.get("x-external-url").and_then(Value::as_str) {
        fields.push(Field {
            ident: ident(name),
            name: name.to_owned(),
            rust_type: quote! { ::std::string::String },
            required: true,
            doc: "The absolute address to send to. The token is not sent there.".to_owned(),
            place: Place::Address,
        });
    }
    for parameter in planned.operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        fields.push(Field {
            ident: ident(name),
            name: name.to_owned(),
            rust_type: rust_type(schema).with_context(|| format!("its parameter `{name}`"))?,
            required: parameter.get("required") == Some(&Value::Bool(true)),
            doc: parameter.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            place: match parameter.get("in").and_then(Value::as_str) {
                Some("path") => Place::Path,
                Some("header") => Place::Header,
                _ => Place::Query,
            },
        });
    }
    match planned.body() {
        Some(("multipart/form-data", schema)) => fields.extend(form_fields(schema, document)?),
        Some((_, schema)) => fields.push(Field {
            ident: format_ident!("body"),
            name: "body".to_owned(),
            rust_type: rust_type(schema).context("its body")?,
            required: planned.operation.pointer("/requestBody/required") == Some(&Value::Bool(true)),
            doc: "The body of the request.".to_owned(),
            place: Place::Body,
        }),
        None => {}
    }
    for (index, field) in fields.iter().enumerate() {
        if field.ident == "client" || fields.iter().take(index).any(|other| other.ident == field.ident) {
            bail!("two things to set would be called `{}`", field.ident);
        }
    }
    Ok(fields)
}

/// The fields of a form in the document's order, files last: object stores ignore what follows a file.
fn form_fields(schema: &Value, document: &Value) -> Result<Vec<Field>> {
    let named = referred(schema).and_then(|name| document.pointer(&format!("/components/schemas/{name}")));
    let schema = named.unwrap_or(schema);
    let required = schema.get("required").and_then(Value::as_array);
    let mut fields = Vec::new();
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let binary = property.get("format").and_then(Value::as_str) == Some("binary");
        if !binary && property.get("type").and_then(Value::as_str) == Some("array") {
            bail!("its form field `{name}` is a list, for which forms have no one spelling");
        }
        fields.push(Field {
            ident: ident(name),
            name: name.clone(),
            rust_type: match binary {
                true => quote! { ::reqwest::multipart::Part },
                false => rust_type(property).with_context(|| format!("its form field `{name}`"))?,
            },
            required: required.is_some_and(|names| names.iter().any(|entry| entry.as_str() == Some(name))),
            doc: property.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            place: if binary { Place::File } else { Place::Text },
        });
    }
    if fields.is_empty() {
        bail!("its form has no fields");
    }
    fields.sort_by_key(|field| field.place == Place::File);
    Ok(fields)
}

impl Field {
    fn declaration(&self) -> TokenStream {
        let Self { ident, rust_type, .. } = self;
        match self.required {
            true => quote! { #ident: Result<#rust_type, String> },
            false => quote! { #ident: Result<::std::option::Option<#rust_type>, String> },
        }
    }

    fn initial(&self) -> TokenStream {
        let ident = &self.ident;
        let missing = format!("{ident} was not initialized");
        match self.required {
            true => quote! { #ident: Err(#missing.to_string()) },
            false => quote! { #ident: Ok(None) },
        }
    }

    fn setter(&self) -> TokenStream {
        let Self { ident, name, rust_type, .. } = self;
        let doc = if self.doc.is_empty() { format!("Sets `{name}`.") } else { self.doc.clone() };
        let failed = format!("conversion to `{}` for {ident} failed", rust_type.to_string().replace(' ', ""));
        let wrap = if self.required {
            quote! {}
        } else {
            quote! { .map(Some) }
        };
        quote! {
            #[doc = #doc]
            pub fn #ident<V>(mut self, value: V) -> Self
            where
                V: ::std::convert::TryInto<#rust_type>,
            {
                self.#ident = value.try_into()#wrap.map_err(|_| #failed.to_string());
                self
            }
        }
    }
}

/// Makes `request`, from the fields, which are in scope as variables.
fn request(planned: &Planned, fields: &[Field]) -> TokenStream {
    let method = format_ident!("{}", planned.method);
    let of = |place: Place| fields.iter().filter(move |field| field.place == place);
    let url = match of(Place::Address).next() {
        Some(Field { ident, .. }) => {
            let bad = format!("{ident} is not an absolute http(s) address");
            quote! {
                let url = crate::client::absolute(&#ident).ok_or_else(|| Error::InvalidRequest(#bad.to_string()))?;
            }
        }
        None => {
            let segments = planned.path.split('/').skip(1).map(|segment| {
                match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                    Some(name) => {
                        let ident = ident(name);
                        quote! { encode_path(&#ident.to_string()) }
                    }
                    None => quote! { #segment },
                }
            });
            let template = "/{}".repeat(planned.path.matches('/').count());
            let template = format!("{{}}{template}");
            quote! { let url = format!(#template, client.baseurl, #(#segments),*); }
        }
    };
    let query = of(Place::Query).map(|Field { ident, name, .. }| {
        quote! { .query(&progenitor_client::QueryParam::new(#name, &#ident)) }
    });
    let headers = of(Place::Header).map(|Field { ident, name, required, .. }| match required {
        true => quote! { builder = builder.header(#name, #ident.to_string()); },
        false => quote! { if let Some(value) = #ident { builder = builder.header(#name, value.to_string()); } },
    });
    let form = fields.iter().any(|field| matches!(field.place, Place::Text | Place::File)).then(|| {
        let parts = fields.iter().filter(|field| matches!(field.place, Place::Text | Place::File)).map(Field::part);
        quote! {
            let mut form = ::reqwest::multipart::Form::new();
            #(#parts)*
            builder = builder.multipart(form);
        }
    });
    let body = of(Place::Body).map(|Field { ident, required, .. }| match required {
        true => quote! { builder = builder.json(&#ident); },
        false => quote! { if let Some(value) = #ident { builder = builder.json(&value); } },
    });
    quote! {
        #url
        #[allow(unused_mut)]
        let mut builder = client.client.#method(url)
            .header(::reqwest::header::ACCEPT, ::reqwest::header::HeaderValue::from_static("application/json"))
            #(#query)*;
        #(#headers)*
        #form
        #(#body)*
        let request = builder.build()?;
    }
}

impl Field {
    /// Adds one part to `form`.
    fn part(&self) -> TokenStream {
        let Self { ident, name, .. } = self;
        let add = match self.place {
            Place::File => quote! { form = form.part(#name, value); },
            _ => quote! { form = form.text(#name, value.to_string()); },
        };
        match self.required {
            true => quote! { { let value = #ident; #add } },
            false => quote! { if let Some(value) = #ident { #add } },
        }
    }
}

/// The type of the answer, and the arm that reads it.
fn answer(planned: &Planned) -> Result<(TokenStream, TokenStream)> {
    let name = planned.method_name();
    Ok(match &planned.answer {
        Answer::Empty => (quote! { () }, quote! { 200..=299 => Ok(ResponseValue::empty(response)), }),
        Answer::Bytes => (quote! { ByteStream }, quote! { 200..=299 => Ok(ResponseValue::stream(response)), }),
        Answer::Redirect => {
            (quote! { crate::Location }, quote! { 300..=399 => ResponseValue::location(response, #name).await, })
        }
        Answer::Json(schema) => {
            let value = rust_type(schema).context("its answer")?;
            (value, quote! { 200..=299 => ResponseValue::decode(response, #name).await, })
        }
    })
}

/// The Rust name of something on the wire.
fn ident(name: &str) -> Ident {
    let snake = name.to_snake_case();
    // A keyword gets an underscore, as progenitor does it.
    syn::parse_str::<Ident>(&snake).unwrap_or_else(|_| format_ident!("{snake}_"))
}
