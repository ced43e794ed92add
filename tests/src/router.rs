//! From a method and a path to the operation that they name.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Document;
use crate::operation::{Operation, Segment};

/// What a method and a path lead to.
#[derive(Debug)]
pub enum Route<'a> {
    /// An operation, with the values of its path parameters.
    Found(&'a Operation, BTreeMap<String, String>),
    /// A path that is there, with the methods that it takes.
    WrongMethod(BTreeSet<&'static str>),
    /// Nothing.
    Unknown,
}

/// Finds the operation for a path below the base path, as it was sent.
pub fn find<'a>(document: &'a Document, method: &str, path: &str) -> Route<'a> {
    let Some(segments) = path.split('/').skip(1).map(decode).collect::<Option<Vec<String>>>() else {
        return Route::Unknown;
    };
    let mut matching: Vec<_> =
        document.routes().filter_map(|operation| Some((operation, matched(&operation.path, &segments)?))).collect();
    // `/chats/exports` is a path of its own and no chat named "exports".
    let fewest = matching.iter().map(|(_, values)| values.len()).min();
    matching.retain(|(_, values)| Some(values.len()) == fewest);
    let methods: BTreeSet<&'static str> = matching.iter().map(|(operation, _)| operation.method).collect();
    match matching.into_iter().find(|(operation, _)| operation.method == method) {
        Some((operation, values)) => Route::Found(operation, values),
        None if methods.is_empty() => Route::Unknown,
        None => Route::WrongMethod(methods),
    }
}

fn matched(path: &[Segment], segments: &[String]) -> Option<BTreeMap<String, String>> {
    if path.len() != segments.len() {
        return None;
    }
    let mut values = BTreeMap::new();
    for (expected, given) in path.iter().zip(segments) {
        match expected {
            Segment::Literal(word) if word == given => {}
            Segment::Literal(_) => return None,
            Segment::Parameter(_) if given.is_empty() => return None,
            Segment::Parameter(name) => {
                values.insert(name.clone(), given.clone());
            }
        }
    }
    Some(values)
}

/// Decodes one percent-encoded segment, in which a plus sign stands for itself.
pub fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'%' {
            let hex = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = rest.get(2..)?;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}
