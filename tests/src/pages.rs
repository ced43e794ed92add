//! Pages with cursors that stay right while things are added and removed.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::random::{Random, number_of};

/// Where something stands in a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The value of the field that the list is sorted by, in a form that compares as it should.
    pub rank: String,
    /// When it was added.
    pub order: u64,
}

/// One page of a list.
#[derive(Debug)]
pub struct Page {
    /// What is on it.
    pub data: Vec<Value>,
    /// `meta.paginate`.
    pub paginate: Value,
}

/// A list in its order from the top.
#[derive(Debug)]
pub struct List {
    /// What its cursors are bound to.
    pub name: String,
    /// Whether the top has the greatest key.
    pub descending: bool,
    items: Vec<(Key, Value)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Next,
    Previous,
}

impl List {
    /// Puts items in order.
    pub fn new(name: &str, descending: bool, mut items: Vec<(Key, Value)>) -> Self {
        items.sort_by(|one, other| compare(descending, &one.0, &other.0));
        Self { name: name.to_owned(), descending, items }
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// All items, from the top.
    pub fn into_values(self) -> Vec<Value> {
        self.items.into_iter().map(|(_, value)| value).collect()
    }

    /// The page at a cursor, or the first one.
    ///
    /// # Errors
    /// Says that the cursor is none of this list's.
    pub fn page(&self, cursor: Option<&str>, limit: usize) -> Result<Page, String> {
        let (way, anchor) = match cursor {
            Some(cursor) => self.read(cursor).ok_or_else(|| format!("`{cursor}` is no cursor of {}", self.name))?,
            None => (Way::Next, None),
        };
        let place = |key: &Key| anchor.as_ref().map(|anchor| compare(self.descending, key, anchor));
        let rest: Vec<&(Key, Value)> = match way {
            Way::Next => self.items.iter().filter(|(key, _)| place(key).is_none_or(Ordering::is_gt)).collect(),
            // What is new on top is given nearest to the anchor first.
            Way::Previous => {
                self.items.iter().rev().filter(|(key, _)| place(key).is_none_or(Ordering::is_lt)).collect()
            }
        };
        let shown = &rest[..limit.min(rest.len())];
        let first = shown.first().map(|(key, _)| key).or(anchor.as_ref());
        let last = shown.last().map(|(key, _)| key).or(anchor.as_ref());
        let (top, bottom) = if way == Way::Next { (first, last) } else { (last, first) };
        let beyond = |key: Option<&Key>, order: Ordering| {
            key.is_some_and(|key| self.items.iter().any(|(other, _)| compare(self.descending, other, key) == order))
        };
        let paginate = json!({
            "next_page": self.write(Way::Next, bottom),
            "prev_page": self.write(Way::Previous, top),
            "has_next": beyond(bottom, Ordering::Greater),
            "has_prev": beyond(top, Ordering::Less),
        });
        Ok(Page { data: shown.iter().map(|(_, value)| value.clone()).collect(), paginate })
    }

    fn write(&self, way: Way, anchor: Option<&Key>) -> String {
        let way = if way == Way::Next { "next" } else { "prev" };
        let plain = json!([self.name, way, anchor.map(|key| (&key.rank, key.order))]).to_string();
        // Scrambled, so that a client meets every letter of the alphabet and can't look inside.
        let salt = number_of(&plain).to_be_bytes()[0];
        // Blanks after the text change nothing but its length, and with it the equals signs at the end.
        let padded = format!("{plain}{}", " ".repeat(usize::from(salt % 3)));
        let mut bytes = vec![salt];
        bytes.extend(scramble(salt, padded.as_bytes()));
        STANDARD.encode(bytes)
    }

    fn read(&self, cursor: &str) -> Option<(Way, Option<Key>)> {
        let bytes = STANDARD.decode(cursor).ok()?;
        let (salt, scrambled) = bytes.split_first()?;
        let (name, way, anchor): (String, String, Option<(String, u64)>) =
            serde_json::from_slice(&scramble(*salt, scrambled)).ok()?;
        let way = match way.as_str() {
            "next" => Way::Next,
            "prev" => Way::Previous,
            _ => return None,
        };
        (name == self.name).then(|| (way, anchor.map(|(rank, order)| Key { rank, order })))
    }
}

fn scramble(salt: u8, bytes: &[u8]) -> Vec<u8> {
    let mut stream = Random::new(u64::from(salt));
    bytes.iter().map(|byte| byte ^ stream.number().to_be_bytes()[0]).collect()
}

fn compare(descending: bool, one: &Key, other: &Key) -> Ordering {
    if descending { other.cmp(one) } else { one.cmp(other) }
}
