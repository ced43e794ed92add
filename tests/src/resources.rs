//! What the paths of the description say about the things behind them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::collection::{Collection, collections};
use crate::document::Document;
use crate::operation::{Operation, Segment};
use crate::schema::{Schemas, type_of};

/// How the item is found that a path speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// By the value of this path parameter.
    Parameter(String),
    /// It is the caller's own.
    Caller,
}

/// What an operation works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// All of a collection: listed by GET, added to by POST.
    Collection(usize),
    /// One item of a collection.
    Item(usize, Owner),
    /// Something below an item, such as its members or its status.
    Part {
        /// The item's collection.
        collection: usize,
        /// The item.
        owner: Owner,
        /// The segment after the item.
        name: String,
        /// The path parameter after that, if any.
        member: Option<String>,
    },
    /// Another view of a collection, such as a search.
    View(usize),
    /// Form parameters for an upload; the name of the field that holds the address.
    Upload(String),
    /// Something that is nobody's and kept under its path.
    Alone,
}

/// The collections and what each operation works on.
#[derive(Debug)]
pub struct Resources {
    /// The collections.
    pub collections: Vec<Collection>,
    /// The collection that the caller is in.
    pub people: Option<usize>,
    targets: BTreeMap<String, Target>,
    /// The collections that lists below items show, by the singular of their segment (`member`).
    roles: BTreeMap<String, usize>,
}

/// Words for people in the names of fields, which no path mentions.
const PEOPLE: [&str; 7] = ["owner", "inviter", "performer", "author", "initiator", "actor", "creator"];

impl Resources {
    /// Derives everything from the paths and schemas of the description.
    pub fn new(document: &Document) -> Self {
        let mut resources =
            Self { collections: collections(document), people: None, targets: BTreeMap::new(), roles: BTreeMap::new() };
        let selves = resources.selves(document);
        resources.people = selves.values().next().copied();
        for operation in document.routes() {
            let target = resources.target(document, operation, &selves);
            if let (Target::Part { name, .. }, Some(home)) = (&target, resources.home_of(document, operation)) {
                resources.roles.entry(singular(name)).or_insert(home);
            }
            resources.targets.insert(operation.id.clone(), target);
        }
        resources
    }

    /// What an operation works on.
    pub fn target_of(&self, operation: &Operation) -> &Target {
        self.targets.get(&operation.id).unwrap_or(&Target::Alone)
    }

    /// The collection at a path.
    pub fn at(&self, path: &str) -> Option<usize> {
        self.collections.iter().position(|collection| collection.path == path)
    }

    /// The collection that keeps the objects of a named schema.
    pub fn home(&self, schema: &str) -> Option<usize> {
        self.collections.iter().position(|collection| collection.schema.as_deref() == Some(schema))
    }

    /// The collection to which a field like `chat_id` or `member_ids` refers.
    pub fn referred(&self, field: &str) -> Option<usize> {
        let name = field.strip_suffix("_id").or_else(|| field.strip_suffix("_ids"))?;
        let exact = |word: &str| self.collections.iter().position(|collection| singular(&collection.plural) == word);
        let words: Vec<&str> = name.split('_').collect();
        // `root_chat_id` refers to a chat, and `tag_id` to a group tag.
        let ends = (0..words.len()).map(|start| words[start..].join("_")).find_map(|end| exact(&end));
        let shorter = || {
            self.collections.iter().position(|collection| singular(&collection.plural).ends_with(&format!("_{name}")))
        };
        ends.or_else(shorter)
            .or_else(|| words.last().and_then(|word| self.roles.get(*word).copied()))
            .or_else(|| words.last().filter(|word| PEOPLE.contains(word)).and(self.people))
    }

    /// The paths on which GET answers one object of a collection without naming it: the caller's own.
    fn selves(&self, document: &Document) -> BTreeMap<String, usize> {
        let mut selves = BTreeMap::new();
        for operation in document.routes().filter(|operation| operation.method == "GET" && is_literal(operation)) {
            let Some((schema, false)) = data(&document.schemas, operation) else { continue };
            if let Some(home) = document.schemas.name(&schema).and_then(|name| self.home(name)) {
                selves.insert(operation.template.clone(), home);
            }
        }
        selves
    }

    /// The collection whose items a list shows.
    pub fn home_of(&self, document: &Document, operation: &Operation) -> Option<usize> {
        let (schema, true) = data(&document.schemas, operation).filter(|_| operation.method == "GET")? else {
            return None;
        };
        document.schemas.name(&schema).and_then(|name| self.home(name))
    }

    fn target(&self, document: &Document, operation: &Operation, selves: &BTreeMap<String, usize>) -> Target {
        if let Some(field) = upload_field(document, operation) {
            return Target::Upload(field);
        }
        if let Some(collection) = self.at(&operation.template) {
            return Target::Collection(collection);
        }
        // The longest beginning of the path that is an item decides what the rest is a part of.
        for length in (1..=operation.path.len()).rev() {
            let (beginning, rest) = operation.path.split_at(length);
            let Some((collection, owner)) = self.item_at(beginning, selves) else { continue };
            return match rest {
                [] => Target::Item(collection, owner),
                [Segment::Literal(name)] => Target::Part { collection, owner, name: name.clone(), member: None },
                [Segment::Literal(name), Segment::Parameter(member)] => {
                    Target::Part { collection, owner, name: name.clone(), member: Some(member.clone()) }
                }
                _ => Target::Alone,
            };
        }
        self.home_of(document, operation).map_or(Target::Alone, Target::View)
    }

    fn item_at(&self, path: &[Segment], selves: &BTreeMap<String, usize>) -> Option<(usize, Owner)> {
        if let [before @ .., Segment::Parameter(parameter)] = path {
            let collection = self.at(&write(before))?;
            return Some((collection, Owner::Parameter(parameter.clone())));
        }
        if let Some(collection) = selves.get(&write(path)) {
            return Some((*collection, Owner::Caller));
        }
        // `/bot` beside `/bots` is the caller's own bot.
        let [Segment::Literal(word)] = path else { return None };
        let collection = self.collections.iter().position(|collection| {
            singular(&collection.plural) == *word && collection.path == format!("/{}", collection.plural)
        })?;
        Some((collection, Owner::Caller))
    }
}

/// The schema of what an answer carries as data, or of the items when that is a list; and whether it is one.
pub fn data(schemas: &Schemas, operation: &Operation) -> Option<(Value, bool)> {
    let schema = &operation.success.content.as_ref()?.schema;
    let data = schemas.properties(schema).remove("data").unwrap_or_else(|| schema.clone());
    let flat = schemas.flat(&data);
    match (type_of(&flat), flat.get("items")) {
        (Some("array"), Some(items)) => Some((items.clone(), true)),
        _ => Some((data, false)),
    }
}

/// The singular of a plural, as far as names of fields need it.
pub fn singular(plural: &str) -> String {
    match plural.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => plural.strip_suffix('s').unwrap_or(plural).to_owned(),
    }
}

/// A name like `directUrl` in the form that fields have.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// The field of an answer that holds the address of an operation elsewhere.
fn upload_field(document: &Document, operation: &Operation) -> Option<String> {
    let (schema, false) = data(&document.schemas, operation)? else { return None };
    let properties = document.schemas.properties(&schema);
    let externals = document.operations.iter().filter_map(|operation| operation.external.as_deref());
    externals.map(snake).find(|field| properties.contains_key(field))
}

/// Whether a segment stands for itself.
pub fn is_word(segment: &Segment) -> bool {
    matches!(segment, Segment::Literal(_))
}

/// Whether a path has no parameters.
pub fn is_literal(operation: &Operation) -> bool {
    operation.path.iter().all(is_word)
}

/// A path as the description writes it.
pub fn write(path: &[Segment]) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Literal(word) => format!("/{word}"),
            Segment::Parameter(name) => format!("/{{{name}}}"),
        })
        .collect()
}
