//! Walking over lists that behave, and over lists that do not.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use pachca_api::Paginated;
use pachca_ext::{ErrorKind, Page, Paginate as _, Position};

type Answer = fn(Option<&str>) -> (Vec<u32>, Position);

/// The filter and cursor of a request that was sent.
type Sent = (&'static str, Option<String>);

/// A request to a list that answers by a function of the cursor.
#[derive(Clone)]
struct Listing {
    answer: Answer,
    filter: &'static str,
    cursor: Option<String>,
    latency: Duration,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Listing {
    fn of(answer: Answer) -> Self {
        Self { answer, filter: "kept", cursor: None, latency: Duration::ZERO, sent: Arc::default() }
    }

    fn requests(&self) -> usize {
        self.sent.lock().unwrap().len()
    }
}

impl Paginated for Listing {
    type Item = u32;

    const OPERATION: &'static str = "list_numbers";

    fn at(mut self, cursor: String) -> Self {
        self.cursor = Some(cursor);
        self
    }

    async fn page(self) -> Result<Page<u32>, pachca_api::Error> {
        self.sent.lock().unwrap().push((self.filter, self.cursor.clone()));
        assert!(self.requests() < 1000, "the walk does not end");
        tokio::time::sleep(self.latency).await;
        if self.cursor.as_deref() == Some("broken") {
            return Err(pachca_api::Error::InvalidRequest("broken".to_owned()));
        }
        let (items, position) = (self.answer)(self.cursor.as_deref());
        Ok(Page { items, position, corrections: Vec::new() })
    }
}

fn next(cursor: &str, has_next: impl Into<Option<bool>>) -> Position {
    Position { next_page: Some(cursor.to_owned()), has_next: has_next.into(), ..Position::default() }
}

/// Ten pages of ten, the fourth short and the sixth empty; the last one has a cursor too.
fn hundred(cursor: Option<&str>) -> (Vec<u32>, Position) {
    let page: u32 = cursor.map_or(0, |cursor| cursor.parse().unwrap());
    let count = match page {
        3 => 4,
        5 => 0,
        _ => 10,
    };
    let mut position = next(&(page + 1).to_string(), page < 9);
    position.prev_page = Some(page.saturating_sub(1).to_string());
    position.has_prev = Some(page > 0);
    ((page * 10..page * 10 + count).collect(), position)
}

/// The numbers of [`hundred`] from one page to another.
fn numbers(from: u32, to: u32) -> Vec<u32> {
    (from..to).flat_map(|page| hundred(Some(&page.to_string())).0).collect()
}

#[tokio::test]
async fn every_item_comes_once_and_the_filter_is_kept() {
    let listing = Listing::of(hundred);
    assert_eq!(listing.clone().items().collect_all().await.unwrap(), numbers(0, 10));
    let sent = listing.sent.lock().unwrap();
    assert_eq!(sent.len(), 10);
    assert!(sent.iter().all(|(filter, _)| *filter == "kept"));
}

#[tokio::test]
async fn pages_come_with_their_position_and_a_walk_can_go_on_from_a_cursor() {
    let pages: Vec<_> = Listing::of(hundred).pages().take(3).try_collect().await.unwrap();
    assert_eq!(pages[2].items, numbers(2, 3));
    let cursor = pages[2].position.next_page.clone().unwrap();
    let rest = Listing::of(hundred).items().from_cursor(cursor).collect_all().await.unwrap();
    assert_eq!(rest, numbers(3, 10));
}

#[tokio::test]
async fn a_walk_can_go_backwards() {
    let listing = Listing::of(hundred);
    let pages: Vec<_> = listing.pages().from_cursor("2").backwards().try_collect().await.unwrap();
    let items: Vec<u32> = pages.into_iter().flat_map(|page| page.items).collect();
    assert_eq!(items, [numbers(2, 3), numbers(1, 2), numbers(0, 1)].concat());
}

#[tokio::test]
async fn only_as_many_pages_are_fetched_as_are_needed() {
    for (most, pages) in [(0, 0), (1, 1), (10, 1), (11, 2)] {
        let listing = Listing::of(hundred);
        let items = listing.clone().items().max_items(most).collect_all().await.unwrap();
        assert_eq!((items.len(), listing.requests()), (most, pages));
    }
}

#[tokio::test]
async fn nothing_is_fetched_until_the_stream_is_polled_or_after_it_is_dropped() {
    let listing = Listing::of(hundred);
    let mut items = listing.clone().items();
    assert_eq!(listing.requests(), 0);
    items.next().await.unwrap().unwrap();
    drop(items);
    assert_eq!(listing.requests(), 1);
}

#[tokio::test]
async fn a_search_ends_when_its_total_is_reached() {
    fn search(cursor: Option<&str>) -> (Vec<u32>, Position) {
        let page: u32 = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let position = Position { total: Some(25), ..next(&(page + 1).to_string(), None) };
        ((page * 10..(page * 10 + 10).min(25)).collect(), position)
    }
    let listing = Listing::of(search);
    assert_eq!(listing.clone().items().collect_all().await.unwrap().len(), 25);
    assert_eq!(listing.requests(), 3);
}

#[tokio::test]
async fn a_search_ends_on_an_empty_page() {
    fn search(cursor: Option<&str>) -> (Vec<u32>, Position) {
        let items = if cursor.is_none() { vec![1, 2] } else { Vec::new() };
        (items, Position { total: Some(99), ..next("more", None) })
    }
    assert_eq!(Listing::of(search).items().collect_all().await.unwrap(), [1, 2]);
}

#[tokio::test]
async fn an_older_server_that_gives_only_a_cursor_ends_on_an_empty_page() {
    fn old(cursor: Option<&str>) -> (Vec<u32>, Position) {
        let page: u32 = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        (if page < 3 { vec![page] } else { Vec::new() }, next(&(page + 1).to_string(), None))
    }
    assert_eq!(Listing::of(old).items().collect_all().await.unwrap(), [0, 1, 2]);
}

#[tokio::test]
async fn an_older_server_that_repeats_its_last_cursor_ends_there() {
    fn old(cursor: Option<&str>) -> (Vec<u32>, Position) {
        (vec![u32::from(cursor.is_some())], next("same", None))
    }
    assert_eq!(Listing::of(old).items().collect_all().await.unwrap(), [0, 1]);
}

#[tokio::test]
async fn a_cursor_that_comes_again_with_more_promised_is_an_error() {
    fn stuck(_: Option<&str>) -> (Vec<u32>, Position) {
        (vec![1], next("same", true))
    }
    fn round(cursor: Option<&str>) -> (Vec<u32>, Position) {
        let page: u32 = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        (vec![page], next(&((page + 1) % 7).to_string(), true))
    }
    for (answer, most) in [(stuck as Answer, 3), (round as Answer, 25)] {
        let listing = Listing::of(answer);
        let error = listing.clone().items().collect_all().await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Decoding, Some("list_numbers")));
        assert!(error.to_string().contains("used already"), "{error}");
        assert!(listing.requests() <= most, "{} requests", listing.requests());
    }
}

#[tokio::test]
async fn a_missing_cursor_with_more_promised_is_an_error() {
    fn missing(_: Option<&str>) -> (Vec<u32>, Position) {
        (vec![1], Position { has_next: Some(true), ..Position::default() })
    }
    fn empty(_: Option<&str>) -> (Vec<u32>, Position) {
        (vec![1], next("", true))
    }
    for answer in [missing as Answer, empty as Answer] {
        let error = Listing::of(answer).items().collect_all().await.unwrap_err();
        assert!(error.to_string().contains("gives no cursor"), "{error}");
    }
}

#[tokio::test]
async fn what_came_before_a_failure_is_handed_out_and_the_failure_ends_the_walk() {
    fn failing(cursor: Option<&str>) -> (Vec<u32>, Position) {
        assert!(cursor.is_none());
        (vec![1, 2], next("broken", true))
    }
    for ahead in [false, true] {
        let items = Listing::of(failing).items();
        let items = if ahead { items.read_ahead() } else { items };
        let all: Vec<_> = items.collect().await;
        assert!(matches!(all.as_slice(), [Ok(1), Ok(2), Err(_)]), "{all:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn reading_ahead_hides_the_latency_behind_the_callers_work() {
    let worked = AtomicUsize::new(0);
    for (ahead, expected) in [(false, 400), (true, 220)] {
        let mut listing = Listing::of(hundred);
        listing.latency = Duration::from_millis(20);
        let started = tokio::time::Instant::now();
        let pages = listing.pages();
        let mut pages = if ahead { pages.read_ahead() } else { pages };
        while let Some(page) = pages.try_next().await.unwrap() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            worked.fetch_add(page.items.len(), Ordering::Relaxed);
        }
        let took = started.elapsed().as_millis();
        assert!(took.abs_diff(expected) <= 20, "{took} ms instead of {expected}");
    }
    assert_eq!(worked.into_inner(), 2 * numbers(0, 10).len());
}
