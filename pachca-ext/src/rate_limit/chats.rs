//! Which chat a call is about.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use pachca_api::reqwest::Request;
use serde::Deserialize;

use super::bucket::Bucket;
use super::limits::Limit;

/// How many messages, and how many users and threads, are remembered with their chats.
const REMEMBERED: usize = 10_000;

/// From how many chats on the quiet ones are looked for.
const SWEEP_FROM: usize = 1_024;

/// What the server assumes when a message does not say what its `entity_id` is the id of.
const CHAT: &str = "discussion";

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Address {
    /// The id of a chat.
    Chat(i64),
    /// The id of something else that has a chat.
    Entity(String, i64),
    /// Nobody knows, so that all such calls share one bucket.
    Unknown,
}

/// The buckets of chats, and what is known about them.
pub(super) struct Chats {
    limit: Limit,
    buckets: HashMap<Address, Arc<Bucket>>,
    sweep_at: usize,
    /// Where messages were sent.
    messages: Newest<i64, Address>,
    /// Chats that were first seen by another address, so that both lead to one bucket.
    first_seen_as: Newest<i64, Address>,
}

#[derive(Deserialize)]
struct Sending {
    message: Target,
}

#[derive(Deserialize)]
struct Target {
    entity_type: Option<String>,
    entity_id: i64,
}

#[derive(Deserialize)]
struct Answer {
    data: Sent,
}

#[derive(Deserialize)]
struct Sent {
    id: i64,
    chat_id: Option<i64>,
}

impl Chats {
    pub(super) fn new(limit: Limit) -> Self {
        Self {
            limit,
            buckets: HashMap::new(),
            sweep_at: SWEEP_FROM,
            messages: Newest::default(),
            first_seen_as: Newest::default(),
        }
    }

    /// The chat that a message is sent to, with its bucket.
    pub(super) fn of_sending(&mut self, request: &Request) -> (Address, Arc<Bucket>) {
        let body = request.body().and_then(|body| body.as_bytes());
        let sending = body.and_then(|body| serde_json::from_slice::<Sending>(body).ok());
        let address = match sending {
            None => Address::Unknown,
            Some(Sending { message: Target { entity_type: Some(kind), entity_id } }) if kind != CHAT => {
                Address::Entity(kind, entity_id)
            }
            Some(Sending { message: Target { entity_id, .. } }) => {
                self.first_seen_as.get(&entity_id).cloned().unwrap_or(Address::Chat(entity_id))
            }
        };
        (address.clone(), self.bucket(address))
    }

    /// The bucket of the chat that the message in the path is in.
    pub(super) fn of_message(&mut self, request: &Request) -> Arc<Bucket> {
        let id = request.url().path_segments().and_then(|mut segments| segments.next_back()?.parse().ok());
        let address = id.and_then(|id: i64| self.messages.get(&id)).cloned().unwrap_or(Address::Unknown);
        self.bucket(address)
    }

    /// Remembers what the answer of a sending says.
    pub(super) fn learn(&mut self, body: &[u8], address: Address) {
        // Whatever else it says is for the caller to read.
        let Ok(Answer { data: Sent { id, chat_id } }) = serde_json::from_slice(body) else { return };
        if let (Some(chat), Address::Entity(..)) = (chat_id, &address) {
            self.first_seen_as.insert(chat, address.clone());
        }
        self.messages.insert(id, address);
    }

    fn bucket(&mut self, address: Address) -> Arc<Bucket> {
        if self.buckets.len() >= self.sweep_at {
            // Nobody waits at a bucket that nobody else holds.
            self.buckets.retain(|_, bucket| Arc::strong_count(bucket) > 1 || !bucket.is_like_new());
            self.sweep_at = SWEEP_FROM.max(self.buckets.len() * 2);
        }
        let limit = &self.limit;
        self.buckets.entry(address).or_insert_with(|| Arc::new(Bucket::new(limit))).clone()
    }
}

/// A map that forgets what was put into it first.
struct Newest<K, V> {
    map: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Newest<K, V> {
    fn default() -> Self {
        Self { map: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Clone + Eq + Hash, V> Newest<K, V> {
    fn get(&self, key: &K) -> Option<&V> {
        self.map.get(key)
    }

    fn insert(&mut self, key: K, value: V) {
        if self.map.insert(key.clone(), value).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.map.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pachca_api::reqwest::{Method, Url};

    use super::*;

    fn sending(chats: &mut Chats, body: &str) -> (Address, Arc<Bucket>) {
        let mut request = request("messages");
        *request.body_mut() = Some(body.to_owned().into());
        chats.of_sending(&request)
    }

    fn request(path: &str) -> Request {
        let url = Url::parse("http://pachca.test/").and_then(|base| base.join(path));
        Request::new(Method::POST, url.unwrap_or_else(|error| panic!("{error}")))
    }

    #[test]
    fn only_the_newest_are_remembered() {
        let mut newest = Newest::default();
        for key in 0..REMEMBERED + 10 {
            newest.insert(key, ());
            newest.insert(key, ());
        }
        assert_eq!((newest.map.len(), newest.order.len()), (REMEMBERED, REMEMBERED));
        assert!(newest.get(&9).is_none() && newest.get(&10).is_some());
    }

    #[test]
    fn a_chat_that_was_first_seen_as_a_user_keeps_its_bucket() {
        let mut chats = Chats::new(Limit::per_second(4));
        let (user, bucket) = sending(&mut chats, r#"{"message":{"entity_type":"user","entity_id":7,"content":""}}"#);
        assert_eq!(user, Address::Entity("user".to_owned(), 7));
        chats.learn(br#"{"data":{"id":1,"chat_id":2637266155}}"#, user.clone());
        let (again, same) = sending(&mut chats, r#"{"message":{"entity_id":2637266155}}"#);
        assert!(again == user && Arc::ptr_eq(&bucket, &same));
        assert!(Arc::ptr_eq(&bucket, &chats.of_message(&request("messages/1"))));
        assert!(!Arc::ptr_eq(&bucket, &chats.of_message(&request("messages/2"))));
    }

    #[test]
    fn the_default_kind_is_a_chat() {
        let mut chats = Chats::new(Limit::per_second(4));
        for body in [
            r#"{"message":{"entity_id":5}}"#,
            r#"{"message":{"entity_id":5,"entity_type":null}}"#,
            r#"{"message":{"entity_id":5,"entity_type":"discussion"},"link_preview":true}"#,
        ] {
            assert_eq!(sending(&mut chats, body).0, Address::Chat(5), "{body}");
        }
        assert_eq!(
            sending(&mut chats, r#"{"message":{"entity_id":5,"entity_type":"thread"}}"#).0,
            Address::Entity("thread".to_owned(), 5)
        );
        assert_eq!(sending(&mut chats, "not JSON").0, Address::Unknown);
    }

    #[tokio::test(start_paused = true)]
    async fn quiet_chats_are_dropped_and_busy_ones_stay() {
        let Some(operation) = pachca_api::Operation::by_name("create_message") else { panic!("no such operation") };
        let mut chats = Chats::new(Limit::per_second(4).burst(8));
        let busy = chats.bucket(Address::Chat(-1));
        for chat in 0..100_000 {
            let bucket = chats.bucket(Address::Chat(chat));
            assert_eq!(bucket.admit(operation).await, Ok(()));
            if chat == 3 {
                bucket.pause(operation, Duration::from_secs(3_600), Duration::from_secs(60));
            }
            tokio::time::advance(Duration::from_millis(1)).await;
            // What was used a second ago is not full yet.
            assert!(chat < 1_000 || chats.buckets.contains_key(&Address::Chat(chat - 1_000)), "{chat}");
        }
        // A bucket of 8 is full again after 2 seconds, in which 2,000 chats were used.
        assert!(chats.buckets.len() <= 2 * 2_100, "{}", chats.buckets.len());
        assert!(Arc::ptr_eq(&busy, &chats.bucket(Address::Chat(-1))));
        assert!(chats.buckets.contains_key(&Address::Chat(3)), "a refusal is not forgotten");
    }
}
