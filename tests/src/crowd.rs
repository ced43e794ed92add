//! Many things that are alike, each made only when it is looked at.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::store::{Entry, Ids, Store};

/// Many things that differ by their ids only.
#[derive(Debug)]
pub struct Crowd {
    template: Value,
    ids: Ids,
    /// The number by which the first of them gets its id.
    first: u64,
    /// When the first of them was added.
    order: u64,
    count: u64,
    /// Those that became things of their own, or are no more.
    gone: BTreeSet<u64>,
}

impl Crowd {
    /// How many there still are.
    pub fn len(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX).saturating_sub(self.gone.len())
    }

    /// How many there were at first.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// What all of them look like.
    pub fn template(&self) -> &Value {
        &self.template
    }

    /// The id of one of them.
    pub fn id(&self, index: u64) -> Value {
        self.ids.of(self.first + index, None)
    }

    /// When one of them was added.
    pub fn order(&self, index: u64) -> u64 {
        self.order + index
    }

    /// One of them.
    pub fn value(&self, index: u64) -> Value {
        let mut value = self.template.clone();
        value["id"] = self.id(index);
        value
    }

    /// Those from an index on that are still there.
    pub fn onwards(&self, index: u64) -> impl Iterator<Item = u64> {
        (index..self.count).filter(|index| !self.gone.contains(index))
    }

    /// Those before an index that are still there, the last first.
    pub fn before(&self, index: u64) -> impl Iterator<Item = u64> {
        (0..index.min(self.count)).rev().filter(|index| !self.gone.contains(index))
    }

    fn find(&self, id: &Value) -> Option<u64> {
        let index = self.ids.number(id)?.checked_sub(self.first)?;
        (index < self.count && self.id(index) == *id && !self.gone.contains(&index)).then_some(index)
    }
}

impl Store {
    /// Adds a crowd that looks like this, and gives the id of the first.
    pub fn add_crowd(&mut self, collection: usize, template: Value, count: u64) -> Value {
        let first = self.counts[collection] + 1;
        self.counts[collection] += count;
        let order = self.now() + 1;
        self.pass(count);
        let crowd = Crowd { template, ids: self.ids(collection), first, order, count, gone: BTreeSet::new() };
        let id = crowd.id(0);
        self.crowds.entry(collection).or_default().push(crowd);
        id
    }

    /// The crowds of a collection.
    pub fn crowds(&self, collection: usize) -> &[Crowd] {
        self.crowds.get(&collection).map_or(&[], Vec::as_slice)
    }

    /// Makes one of a crowd a thing of its own, as soon as a request names it.
    pub fn settle(&mut self, collection: usize, id: &Value) {
        let mut crowds = self.crowds.get_mut(&collection).into_iter().flatten();
        let found = crowds.find_map(|crowd| crowd.find(id).map(|index| (crowd, index)));
        let Some((crowd, index)) = found else { return };
        crowd.gone.insert(index);
        let entry = Entry { order: crowd.order(index), value: crowd.value(index) };
        self.insert(collection, entry);
    }

    /// Whether an id is that of one of a crowd.
    pub fn in_crowd(&self, collection: usize, id: &Value) -> bool {
        self.crowds(collection).iter().any(|crowd| crowd.find(id).is_some())
    }
}
