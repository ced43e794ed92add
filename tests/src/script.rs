//! Which fault hits which request.

use std::collections::BTreeSet;

use crate::document::Document;
use crate::fault::{Deed, Fault, PageFault};
use crate::operation::Operation;
use crate::random::Random;
use crate::resources::snake;

/// The faults that are asked for, in their order.
#[derive(Debug)]
pub struct Script {
    faults: Vec<Fault>,
    random: Random,
}

/// What is known of a request before its body is read.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The operation.
    pub operation: Option<&'a Operation>,
    /// Whether it is a download from the object store.
    pub download: bool,
    /// The query as it was sent.
    pub query: &'a str,
}

impl Script {
    /// No faults yet.
    pub fn new(random: Random) -> Self {
        Self { faults: Vec::new(), random }
    }

    /// Adds a fault after those that are there.
    ///
    /// # Errors
    /// Says why the fault could never hit.
    pub fn add(&mut self, fault: Fault, document: &Document) -> Result<(), String> {
        if let Some(name) = &fault.operation {
            let known: BTreeSet<String> = document.operations.iter().map(|operation| snake(&operation.id)).collect();
            if !known.contains(name) {
                return Err(format!("no operation is named `{name}`; the description has {known:?}"));
            }
            if matches!(fault.deed, Deed::HangUp) {
                return Err(format!("nothing is read before hanging up, so nobody knows that it is `{name}`"));
            }
        }
        if !(0.0..=1.0).contains(&fault.chance) {
            return Err(format!("a chance is from 0.0 to 1.0 and not {}", fault.chance));
        }
        self.faults.push(fault);
        Ok(())
    }

    /// Forgets all faults.
    pub fn clear(&mut self) {
        self.faults.clear();
    }

    /// The first active fault that hits a request.
    pub fn hit(&mut self, asking: Asking<'_>) -> Option<Fault> {
        self.first(|fault| matches(fault, asking))
    }

    /// Whether a fault hits a new connection.
    pub fn hangs_up(&mut self) -> bool {
        self.first(|fault| matches!(fault.deed, Deed::HangUp)).is_some()
    }

    fn first(&mut self, matches: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let random = &mut self.random;
        let hit = self.faults.iter_mut().find(|fault| {
            fault.left != Some(0) && matches(fault) && (fault.chance >= 1.0 || random.portion() < fault.chance)
        })?;
        hit.hits += 1;
        hit.left = hit.left.map(|left| left - 1);
        Some(hit.clone())
    }
}

fn matches(fault: &Fault, asking: Asking<'_>) -> bool {
    let named = |name: &String| asking.operation.is_some_and(|operation| snake(&operation.id) == *name);
    let paged = asking.operation.is_some_and(|operation| operation.paginated);
    fault.operation.as_ref().is_none_or(named)
        && (asking.download || !fault.download)
        && match fault.deed {
            Deed::HangUp => false,
            Deed::Page(PageFault::RepeatedCursor) => paged && cursor(asking.query).is_some(),
            Deed::Page(_) => paged,
            _ => true,
        }
}

/// The cursor of a query, decoded.
pub fn cursor(query: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "cursor").map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Asking, Fault, Script};
    use crate::document::Document;
    use crate::random::Random;

    const ANY: Asking<'_> = Asking { operation: None, download: false, query: "" };

    #[test]
    fn the_first_active_fault_wins() {
        let mut script = Script::new(Random::new(1));
        let document = Document::embedded().unwrap();
        script.add(Fault::answer(500).on("list_chats"), document).unwrap();
        script.add(Fault::answer(502).times(2), document).unwrap();
        script.add(Fault::answer(503), document).unwrap();
        let hits: Vec<String> = (0..3).filter_map(|_| Some(script.hit(ANY)?.to_string())).collect();
        assert_eq!(hits, ["answer 502", "answer 502", "answer 503"]);
        script.clear();
        assert!(script.hit(ANY).is_none());
    }

    #[test]
    fn a_chance_is_a_share_that_the_seed_decides() {
        let document = Document::embedded().unwrap();
        let hits = |seed| {
            let mut script = Script::new(Random::new(seed));
            script.add(Fault::reset().chance(0.1), document).unwrap();
            (0..10_000).map(|_| script.hit(ANY).is_some()).collect::<Vec<_>>()
        };
        let share = hits(1).iter().filter(|hit| **hit).count();
        assert!((900..1100).contains(&share), "{share}");
        assert!(hits(1) == hits(1) && hits(1) != hits(2));
    }

    #[test]
    fn what_could_never_hit_is_not_taken() {
        let mut script = Script::new(Random::new(1));
        let document = Document::embedded().unwrap();
        for fault in [Fault::reset().on("listChats"), Fault::hang_up().on("list_chats"), Fault::reset().chance(10.0)] {
            assert!(script.add(fault, document).is_err());
        }
    }
}
