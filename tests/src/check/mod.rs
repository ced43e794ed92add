//! The checks on a request, in the order in which the service makes them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::operation::{Operation, Parameter, Place};
use crate::refusal::{BrokenRule, Refusal};

mod body;
mod form;
mod headers;
mod query;
mod violation;

pub use body::Sent;
pub use form::{Part, parts};

/// A request as it arrived.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// The query as it was sent.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a Bytes,
    /// The values of the path's parameters, decoded.
    pub path: BTreeMap<String, String>,
}

/// What a request that passed all checks asks for.
#[derive(Debug, Default)]
pub struct Asked {
    /// The values of the path's parameters.
    pub path: BTreeMap<String, Value>,
    /// The values of the query's parameters, under their declared names.
    pub query: BTreeMap<String, Value>,
    /// The body, if one was sent.
    pub sent: Option<Sent>,
}

/// Checks a request against its operation.
///
/// # Errors
/// The first refusal, which says which rule was broken.
pub async fn check(operation: &Operation, incoming: Incoming<'_>, token: &str) -> Result<Asked, Refusal> {
    if operation.auth {
        authorize(incoming.headers, token)?;
    }
    let query = query::check(operation, incoming.query)?;
    let path = check_path(operation, &incoming.path)?;
    headers::check(operation, incoming.headers)?;
    let sent = body::check(operation, incoming.headers, incoming.body).await?;
    Ok(Asked { path, query, sent })
}

fn authorize(headers: &HeaderMap, token: &str) -> Result<(), Refusal> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = sent.next() else {
        return Err(Refusal::token("invalid_token", "The Authorization header is missing"));
    };
    if sent.next().is_some() {
        return Err(Refusal::token("invalid_request", "The Authorization header is there more than once"));
    }
    let value = value.to_str().unwrap_or_default();
    let Some((_, given)) = value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
        return Err(Refusal::token("invalid_request", "The Authorization header is not of the form `Bearer TOKEN`"));
    };
    if given != token {
        return Err(Refusal::token("invalid_token", "The access token is not known here"));
    }
    Ok(())
}

fn check_path(operation: &Operation, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, Value>, Refusal> {
    let mut path = BTreeMap::new();
    for (name, text) in given {
        let value = match operation.parameter(Place::Path, name) {
            Some(parameter) => scalar(parameter, text).map_err(|message| {
                let status = operation.status(&[404, 400]);
                let code = if status == 404 { "not_found" } else { "invalid" };
                Refusal::fault(status, BrokenRule::new(code, name, json!(text), message))
            })?,
            None => json!(text),
        };
        path.insert(name.clone(), value);
    }
    Ok(path)
}

/// Reads one value of a parameter and judges it by the parameter's schema.
fn scalar(parameter: &Parameter, text: &str) -> Result<Value, String> {
    let value = query::parse(&parameter.flat, text)?;
    parameter.validator.validate(&value).map_err(|error| violation::fault(&error).message)?;
    Ok(value)
}
