//! What the service keeps, and how it is found again.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::crowd::Crowd;
use crate::document::Document;
use crate::operation::Operation;
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
    /// What was added in great numbers, by collection.
    pub crowds: BTreeMap<usize, Vec<Crowd>>,
    /// How many ids each collection has given.
    pub counts: Vec<u64>,
    /// How often the service was started again. Its cursors are those of one session.
    pub restarts: u64,
    items: Vec<Vec<Entry>>,
    order: u64,
}

/// How the things of a collection are numbered.
#[derive(Clone, Copy, Debug)]
pub enum Ids {
    /// By texts that sort as their times do.
    Texts,
    /// By numbers above this one.
    Numbers(u64),
}

impl Ids {
    /// The id of a number, with these random letters in it if it is a text.
    pub fn of(self, number: u64, letters: Option<String>) -> Value {
        match self {
            Self::Texts => {
                let letters = letters.unwrap_or_else(|| format!("{:012X}", number_of(&number.to_string()) >> 16));
                json!(format!("{TEXT_START}{number:08}{letters}"))
            }
            Self::Numbers(base) => json!(base + number),
        }
    }

    /// The number of an id.
    pub fn number(self, id: &Value) -> Option<u64> {
        match self {
            Self::Texts => {
                let text = id.as_str()?.strip_prefix(TEXT_START)?;
                text.get(..text.len().checked_sub(TEXT_LETTERS)?)?.parse().ok()
            }
            Self::Numbers(base) => id.as_u64()?.checked_sub(base),
        }
    }
}

/// How ids start that are texts.
const TEXT_START: &str = "01KJMT";

/// How many letters they end with.
const TEXT_LETTERS: usize = 12;

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
            crowds: BTreeMap::new(),
            counts: vec![0; collections],
            restarts: 0,
            items: vec![Vec::new(); collections],
            order: 0,
        }
    }

    /// Counts one more thing that happened.
    pub fn tick(&mut self) -> u64 {
        self.order += 1;
        self.order
    }

    /// Counts many things that happened.
    pub fn pass(&mut self, count: u64) {
        self.order += count;
    }

    /// How many things happened.
    pub fn now(&self) -> u64 {
        self.order
    }

    /// The name that the cursors of a list carry.
    pub fn list_name(&self, operation: &Operation) -> String {
        format!("{} {}", operation.id, self.restarts)
    }

    /// A new id for an item of a collection.
    pub fn new_id(&mut self, collection: usize) -> Value {
        if collection >= self.counts.len() {
            return Value::Null;
        }
        self.counts[collection] += 1;
        let ids = self.ids(collection);
        let letters = matches!(ids, Ids::Texts).then(|| self.random.hex(TEXT_LETTERS).to_uppercase());
        ids.of(self.counts[collection], letters)
    }

    /// How the things of a collection are numbered.
    pub fn ids(&self, collection: usize) -> Ids {
        match self.resources.collections.get(collection) {
            Some(known) if !known.text_ids => {
                // Far apart, so that the id of one kind is never by chance that of another; half of them past 32 bits.
                let number = number_of(&known.path);
                Ids::Numbers((number % 9000 + 1000) * 1000 + if number & 1 << 40 == 0 { 0 } else { LARGE })
            }
            _ => Ids::Texts,
        }
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

    /// Adds an item that is older than others.
    pub fn insert(&mut self, collection: usize, entry: Entry) {
        if let Some(items) = self.items.get_mut(collection) {
            let place = items.partition_point(|known| known.order < entry.order);
            items.insert(place, entry);
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
        referred.is_some_and(|collection| self.item(collection, id).is_some() || self.in_crowd(collection, id))
            || self.items.iter().flatten().any(|entry| entry.value.get(field) == Some(id))
    }
}

/// An id as it stands in keys.
pub fn text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}
