//! The paths under which things are kept.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::Document;
use crate::operation::{Operation, Segment};
use crate::resources::{data, is_literal, is_word, write};
use crate::schema::type_of;

/// A path under which things are kept, such as `/chats`.
#[derive(Debug)]
pub struct Collection {
    /// Its path.
    pub path: String,
    /// Its last segment, which is the plural name of its items.
    pub plural: String,
    /// The schema of its items; there is none when they can't be read.
    pub item: Option<Value>,
    /// The name of that schema.
    pub schema: Option<String>,
    /// Whether ids are texts.
    pub text_ids: bool,
    /// The required query parameter of its list, such as `chat_id`.
    pub filter: Option<String>,
    /// Whether things are created from nothing, so that what they refer to is created with them.
    pub bodiless: bool,
    /// Whether only the service itself adds to it, which then shows the newest first.
    pub feed: bool,
}

/// All collections of a description.
pub fn collections(document: &Document) -> Vec<Collection> {
    let schemas = &document.schemas;
    let mut collections: Vec<Collection> = Vec::new();
    let literal: Vec<&Operation> = document.routes().filter(|operation| is_literal(operation)).collect();
    let find = |method, path: &str| literal.iter().find(|o| o.method == method && o.template == path).copied();
    // The operations on single items, by the path of what the items are in.
    let mut on_items: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
    for operation in document.routes() {
        if let [before @ .., Segment::Parameter(_)] = operation.path.as_slice()
            && before.iter().all(is_word)
        {
            on_items.entry(write(before)).or_default().push(operation);
        }
    }
    let read_item = |path: &str| {
        let mut reading = on_items.get(path)?.iter().filter(|operation| operation.method == "GET");
        reading.find_map(|operation| data(schemas, operation))
    };
    let mut paths: Vec<&str> = literal.iter().map(|operation| operation.template.as_str()).collect();
    paths.extend(on_items.keys().map(String::as_str));
    // What has items with paths of their own comes first, because a mere list may only be another view of it.
    paths.sort_by_key(|path| !on_items.contains_key(*path));
    for path in paths {
        if collections.iter().any(|collection| collection.path == path) {
            continue;
        }
        let listed = find("GET", path).and_then(|operation| data(schemas, operation)).filter(|(_, list)| *list);
        let item = listed.clone().or_else(|| read_item(path)).map(|(schema, _)| schema);
        let schema = item.as_ref().and_then(|item| schemas.name(item)).map(str::to_owned);
        let id = item.as_ref().and_then(|item| schemas.properties(item).remove("id"));
        let known = collections.iter().any(|collection| collection.schema.is_some() && collection.schema == schema);
        let kept = on_items.contains_key(path) || (listed.is_some() && id.is_some());
        if !kept || known {
            continue;
        }
        let post = find("POST", path);
        let needed = find("GET", path).and_then(|operation| {
            let parameter = operation.parameters.iter().find(|parameter| parameter.required)?;
            parameter.name.ends_with("_id").then(|| parameter.name.clone())
        });
        collections.push(Collection {
            plural: path.rsplit('/').next().unwrap_or_default().to_owned(),
            path: path.to_owned(),
            text_ids: id.is_some_and(|id| type_of(&schemas.flat(&id)) == Some("string")),
            item,
            schema,
            filter: needed,
            bodiless: post.is_some_and(|operation| operation.body.is_none()),
            feed: post.is_none() && find("GET", path).is_some_and(|operation| operation.paginated),
        });
    }
    collections
}
