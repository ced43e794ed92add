//! What the service keeps, and how it is found again.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::document::Document;
use crate::random::{Random, number_of};
use crate::resources::{Owner, Resources};

/// Something kept, and when it was added.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it was added, counted from the start.
    pub order: u64,
    /// What it is.
    pub value: Value,
}

/// A part of an item: its collection, its id and the part's name.
pub type PartKey = (usize, String, String);

/// Everything that the service keeps.
#[derive(Debug)]
pub struct Store {
    /// The description.
    pub document: &'static Document,
    /// What its paths say.
    pub resources: Arc<Resources>,
    /// The source of everything made up.
    pub random: Random,
    /// The address of the object store.
    pub storage: String,
    /// The lists of parts that no field of the item holds.
    pub parts: BTreeMap<PartKey, Vec<Entry>>,
    /// The single things below items, or kept alone under a path.
    pub singles: BTreeMap<PartKey, Value>,
    /// What is known about a member of a part, such as its role.
    pub notes: BTreeMap<(PartKey, String), Value>,
    items: Vec<Vec<Entry>>,
    counts: Vec<u64>,
    order: u64,
}

/// Above what 32 bits hold, because ids of the real service have passed that.
pub const LARGE: u64 = 2_637_000_000;

impl Store {
    /// An empty store.
    pub fn new(document: &'static Document, resources: Arc<Resources>, seed: u64, storage: String) -> Self {
        let collections = resources.collections.len();
        Self {
            document,
            resources,
            random: Random::new(seed),
            storage,
            parts: BTreeMap::new(),
            singles: BTreeMap::new(),
            notes: BTreeMap::new(),
            items: vec![Vec::new(); collections],
            counts: vec![0; collections],
            order: 0,
        }
    }

    /// Counts one more thing that happened.
    pub fn tick(&mut self) -> u64 {
        self.order += 1;
        self.order
    }

    /// How many things happened.
    pub fn now(&self) -> u64 {
        self.order
    }

    /// A new id for an item of a collection.
    pub fn new_id(&mut self, collection: usize) -> Value {
        let Some(known) = self.resources.collections.get(collection) else { return Value::Null };
        self.counts[collection] += 1;
        let count = self.counts[collection];
        if known.text_ids {
            // Ids of events sort as their times do.
            return json!(format!("01KJMT{count:08}{}", self.random.hex(12).to_uppercase()));
        }
        // Far apart, so that the id of one kind is never by chance that of another; half of them past 32 bits.
        let number = number_of(&known.path);
        let base = (number % 9000 + 1000) * 1000 + if number & 1 << 40 == 0 { 0 } else { LARGE };
        json!(base + count)
    }

    /// An id for something that is created along with something else.
    pub fn large_id(&mut self) -> Value {
        json!(LARGE + 266_000 + self.tick())
    }

    /// All items of a collection, oldest first.
    pub fn items(&self, collection: usize) -> &[Entry] {
        self.items.get(collection).map_or(&[], Vec::as_slice)
    }

    /// One item.
    pub fn item(&self, collection: usize, id: &Value) -> Option<&Entry> {
        self.items(collection).iter().find(|entry| entry.value.get("id") == Some(id))
    }

    /// One item, for changing.
    pub fn item_mut(&mut self, collection: usize, id: &Value) -> Option<&mut Entry> {
        self.items.get_mut(collection)?.iter_mut().find(|entry| entry.value.get("id") == Some(id))
    }

    /// Adds an item.
    pub fn add(&mut self, collection: usize, value: Value) {
        let order = self.tick();
        if let Some(items) = self.items.get_mut(collection) {
            items.push(Entry { order, value });
        }
    }

    /// Removes an item with all its parts; whether it was there.
    pub fn remove(&mut self, collection: usize, id: &Value) -> bool {
        let Some(items) = self.items.get_mut(collection) else { return false };
        let before = items.len();
        items.retain(|entry| entry.value.get("id") != Some(id));
        let removed = items.len() < before;
        let text = text(id);
        self.parts.retain(|key, _| (key.0, &key.1) != (collection, &text));
        self.singles.retain(|key, _| (key.0, &key.1) != (collection, &text));
        removed
    }

    /// The id of the item that a path speaks of.
    pub fn owner(&self, collection: usize, owner: &Owner, path: &BTreeMap<String, Value>) -> Value {
        match owner {
            Owner::Parameter(name) => path.get(name).cloned().unwrap_or_default(),
            Owner::Caller => self.first(collection),
        }
    }

    /// The id of the oldest item, which stands for what is the caller's own.
    pub fn first(&self, collection: usize) -> Value {
        self.items(collection).first().and_then(|entry| entry.value.get("id")).cloned().unwrap_or_default()
    }

    /// The caller's id.
    pub fn caller(&self) -> Value {
        self.resources.people.map(|people| self.first(people)).unwrap_or_default()
    }

    /// Whether any item is, or says that it belongs to, what the field refers to.
    pub fn knows(&self, field: &str, id: &Value) -> bool {
        let referred = self.resources.referred(field);
        referred.is_some_and(|collection| self.item(collection, id).is_some())
            || self.items.iter().flatten().any(|entry| entry.value.get(field) == Some(id))
    }
}

/// An id as it stands in keys.
pub fn text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}
