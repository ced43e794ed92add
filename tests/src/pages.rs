//! Pages with cursors that stay right while things are added and removed.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::crowd::Crowd;
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
pub struct List<'a> {
    name: &'a str,
    descending: bool,
    items: Vec<(Key, &'a Value)>,
    runs: Vec<Run<'a>>,
}

/// A crowd as a part of a list, in which its keys only grow.
#[derive(Debug)]
pub struct Run<'a> {
    /// The crowd.
    pub crowd: &'a Crowd,
    /// The rank that all of it have, unless each is ranked by its id.
    pub rank: Option<String>,
}

impl Run<'_> {
    fn key(&self, index: u64) -> Key {
        let rank = self.rank.clone().unwrap_or_else(|| rank(&self.crowd.id(index)));
        Key { rank, order: self.crowd.order(index) }
    }

    /// The first index whose key is no longer as it is to be.
    fn end(&self, holds: impl Fn(&Key) -> bool) -> u64 {
        let (mut low, mut high) = (0, self.crowd.count());
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(&self.key(middle)) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// As many of the crowd as wanted whose keys are greater than the anchor's, or smaller, nearest to it first.
    fn beyond(&self, anchor: Option<&Key>, greater: bool, limit: usize) -> Vec<u64> {
        if greater {
            let start = anchor.map_or(0, |anchor| self.end(|key| key <= anchor));
            self.crowd.onwards(start).take(limit).collect()
        } else {
            let end = anchor.map_or(self.crowd.count(), |anchor| self.end(|key| key < anchor));
            self.crowd.before(end).take(limit).collect()
        }
    }
}

/// One thing of a list.
#[derive(Clone, Copy)]
enum Thing<'a> {
    Kept(&'a Value),
    Made(&'a Crowd, u64),
}

impl Thing<'_> {
    fn value(self) -> Value {
        match self {
            Self::Kept(value) => value.clone(),
            Self::Made(crowd, index) => crowd.value(index),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Next,
    Previous,
}

impl<'a> List<'a> {
    /// Puts things in order.
    pub fn new(name: &'a str, descending: bool, items: Vec<(Key, &'a Value)>, runs: Vec<Run<'a>>) -> Self {
        Self { name, descending, items, runs }
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.items.len() + self.runs.iter().map(|run| run.crowd.len()).sum::<usize>()
    }

    /// All of them, from the top.
    pub fn into_values(self) -> Vec<Value> {
        self.things(Way::Next, None, usize::MAX).into_iter().map(|(_, thing)| thing.value()).collect()
    }

    /// As many things as wanted from the anchor on, nearest to it first.
    fn things(&self, way: Way, anchor: Option<&Key>, limit: usize) -> Vec<(Key, Thing<'a>)> {
        let greater = (way == Way::Next) != self.descending;
        let wanted = if greater { Ordering::Greater } else { Ordering::Less };
        let items = self.items.iter().filter(|(key, _)| anchor.is_none_or(|anchor| key.cmp(anchor) == wanted));
        let mut things: Vec<(Key, Thing<'a>)> = items.map(|(key, value)| (key.clone(), Thing::Kept(value))).collect();
        for run in &self.runs {
            let indices = run.beyond(anchor, greater, limit).into_iter();
            things.extend(indices.map(|index| (run.key(index), Thing::Made(run.crowd, index))));
        }
        things.sort_by(|(one, _), (other, _)| if greater { one.cmp(other) } else { other.cmp(one) });
        things.truncate(limit);
        things
    }

    /// The page at a cursor, or the first one.
    ///
    /// # Errors
    /// Says that the cursor is none of this list's.
    pub fn page(&self, cursor: Option<&str>, limit: usize) -> Result<Page, String> {
        let (way, anchor) = match cursor {
            Some(cursor) => {
                read(self.name, cursor).ok_or_else(|| format!("`{cursor}` is no cursor of {}", self.name))?
            }
            None => (Way::Next, None),
        };
        // What is new on top is given nearest to the anchor first.
        let shown = self.things(way, anchor.as_ref(), limit);
        let first = shown.first().map(|(key, _)| key).or(anchor.as_ref());
        let last = shown.last().map(|(key, _)| key).or(anchor.as_ref());
        let (top, bottom) = if way == Way::Next { (first, last) } else { (last, first) };
        let more = |way, key: Option<&Key>| key.is_some() && !self.things(way, key, 1).is_empty();
        let paginate = json!({
            "next_page": write(self.name, Way::Next, bottom),
            "prev_page": write(self.name, Way::Previous, top),
            "has_next": more(Way::Next, bottom),
            "has_prev": more(Way::Previous, top),
        });
        Ok(Page { data: shown.iter().map(|(_, thing)| thing.value()).collect(), paginate })
    }
}

/// Whether a cursor asks for what is before it.
pub fn leads_back(name: &str, cursor: Option<&str>) -> bool {
    cursor.and_then(|cursor| read(name, cursor)).is_some_and(|(way, _)| way == Way::Previous)
}

/// Another cursor that leads to the same place: that of the first page when there is none.
pub fn another(name: &str, cursor: Option<&str>) -> String {
    let known = cursor.and_then(|cursor| Some((read(name, cursor)?, *STANDARD.decode(cursor).ok()?.first()?)));
    match known {
        // Each salt gives a cursor of its own, so that many in a row do not repeat one.
        Some(((way, anchor), salt)) => write_salted(name, way, anchor.as_ref(), |_| salt.wrapping_add(1)),
        None => write(name, Way::Next, None),
    }
}

fn write(name: &str, way: Way, anchor: Option<&Key>) -> String {
    write_salted(name, way, anchor, |plain| number_of(plain).to_be_bytes()[0])
}

fn write_salted(name: &str, way: Way, anchor: Option<&Key>, salt: impl Fn(&str) -> u8) -> String {
    let way = if way == Way::Next { "next" } else { "prev" };
    let plain = json!([name, way, anchor.map(|key| (&key.rank, key.order))]).to_string();
    // Scrambled, so that a client meets every letter of the alphabet and can't look inside.
    let salt = salt(&plain);
    // Blanks after the text change nothing but its length, and with it the equals signs at the end.
    let padded = format!("{plain}{}", " ".repeat(usize::from(salt % 3)));
    let mut bytes = vec![salt];
    bytes.extend(scramble(salt, padded.as_bytes()));
    STANDARD.encode(bytes)
}

fn read(list: &str, cursor: &str) -> Option<(Way, Option<Key>)> {
    let bytes = STANDARD.decode(cursor).ok()?;
    let (salt, scrambled) = bytes.split_first()?;
    let (name, way, anchor): (String, String, Option<(String, u64)>) =
        serde_json::from_slice(&scramble(*salt, scrambled)).ok()?;
    let way = match way.as_str() {
        "next" => Way::Next,
        "prev" => Way::Previous,
        _ => return None,
    };
    (name == list).then(|| (way, anchor.map(|(rank, order)| Key { rank, order })))
}

fn scramble(salt: u8, bytes: &[u8]) -> Vec<u8> {
    let mut stream = Random::new(u64::from(salt));
    bytes.iter().map(|byte| byte ^ stream.number().to_be_bytes()[0]).collect()
}

/// A value in a form that compares as a text.
pub fn rank(value: &Value) -> String {
    match value.as_u64() {
        Some(number) => format!("{number:020}"),
        None => value.as_str().map(str::to_lowercase).unwrap_or_default(),
    }
}
