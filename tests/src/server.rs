//! A Pachca that runs in this process.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Request, State};
use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::answer::World;
use crate::document::Document;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::random::Random;
use crate::record::{REMEMBERED, Recorded, Records};
use crate::resources::Resources;
use crate::script::Script;
use crate::seed::seed;
use crate::service::{self, Service};
use crate::storage::STORAGE_PATH;
use crate::store::Store;
use crate::webhook::{SignedWebhook, deliver, new_message};
use crate::wire::{Gate, Wire};

/// How a server is to be started.
#[derive(Clone, Debug)]
pub struct Builder {
    listen: SocketAddr,
    seed: u64,
    token: Option<String>,
    limited: bool,
    remembered: usize,
}

impl Builder {
    /// The address to listen on; a free port of 127.0.0.1 unless it is set.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// What everything made up is made from: the same seed gives the same answers.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The token to accept, instead of one made from the seed.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Whether requests that come too fast are refused; they are not unless it is set.
    ///
    /// For each token, and for sending, editing and deleting messages for each chat too:
    ///
    /// - `POST /messages`, `PUT` and `DELETE /messages/{id}`: at most 30 in any second, and at most 4 W + 150 in any
    ///   W seconds, since a burst of 30 a second may last for five. The chat of a message to a person or in a thread
    ///   is the one that the message gets.
    /// - `GET /messages` and `GET /messages/{id}`: at most 10 in any second.
    /// - `GET /webhooks/events`: at most 5 in any two seconds.
    /// - Every other operation of the API, all of them together: at most 50 in any second.
    ///
    /// A request may come 50 ms too early, and one that is refused does not count. The refusal is a 429 in plain text
    /// with a `Retry-After` in whole seconds, rounded up, before anything else is checked.
    #[must_use]
    pub fn rate_limits(mut self, limited: bool) -> Self {
        self.limited = limited;
        self
    }

    /// How many of the latest requests are remembered; 2,000 unless it is set.
    #[must_use]
    pub fn remember(mut self, requests: usize) -> Self {
        self.remembered = requests;
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// When the address is not of this machine only or can't be listened on, or when the description is broken.
    pub async fn start(self) -> io::Result<Server> {
        if !self.listen.ip().is_loopback() {
            let message = format!("{} is not a loopback address, and this server is for tests only", self.listen);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let document = Document::embedded().map_err(io::Error::other)?;
        let listener = TcpListener::bind(self.listen).await?;
        let address = listener.local_addr()?;
        let mut secrets = Random::new(self.seed ^ 0x5eed);
        let made = secrets.hex(43);
        let token = self.token.unwrap_or(made);
        let resources = Arc::new(Resources::new(document));
        let mut store = Store::new(document, resources, self.seed, format!("http://{address}{STORAGE_PATH}"));
        seed(&mut store);
        let script = Script::new(Random::new(self.seed ^ 0xfa17));
        let limits = self.limited.then(Limits::default);
        let state = service::State::new(World::new(store), Records::new(self.remembered), script, limits);
        let (stop, stopped) = watch::channel(());
        let service = Arc::new(Service::new(document, token, secrets.hex(32), state, stopped.clone()));
        let router = Router::new()
            .fallback(
                |State(service): State<Arc<Service>>, request: Request| async move { service.answer(request).await },
            )
            .with_state(service.clone())
            .into_make_service_with_connect_info::<Wire>();
        let serving = axum::serve(Gate::new(listener, service.clone()), router).with_graceful_shutdown(async move {
            let mut stopped = stopped;
            // Either way, told or dropped, the server is not wanted any more.
            let _ = stopped.changed().await;
        });
        tokio::spawn(async move { serving.await });
        Ok(Server { service, address, _stop: stop })
    }
}

/// A running server, which stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    service: Arc<Service>,
    address: SocketAddr,
    _stop: watch::Sender<()>,
}

impl Server {
    /// Starts a server on a free port.
    ///
    /// # Errors
    /// When no port can be listened on, or when the description is broken.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// A server to be set up.
    pub fn builder() -> Builder {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Builder { listen, seed: 1, token: None, limited: false, remembered: REMEMBERED }
    }

    /// The address of the API.
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.address, self.service.document.base_path)
    }

    /// The address of the object store.
    pub fn storage_url(&self) -> String {
        format!("http://{}{STORAGE_PATH}", self.address)
    }

    /// The token that is accepted.
    pub fn token(&self) -> &str {
        &self.service.token
    }

    /// The secret with which webhooks are signed.
    pub fn webhook_secret(&self) -> &str {
        &self.service.webhook_secret
    }

    /// The latest requests, oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.service.state().records.all()
    }

    /// How many connections were made, those included that were hung up on.
    pub fn connections(&self) -> u64 {
        self.service.state().connections
    }

    /// Makes something go wrong; of several faults that match a request, the first that is still active hits it.
    ///
    /// # Panics
    /// When the fault could never hit, because it names no operation of the description or an impossible chance.
    #[track_caller]
    pub fn misbehave(&self, fault: Fault) {
        let added = self.service.state().script.add(fault, self.service.document);
        if let Err(reason) = added {
            panic!("{reason}");
        }
    }

    /// Lets everything go well again.
    pub fn behave(&self) {
        self.service.state().script.clear();
    }

    /// The bytes of a stored object.
    pub fn stored(&self, key: &str) -> Option<Bytes> {
        self.service.state().world.objects.get(key)
    }

    /// Lets all temporary addresses expire that were given out so far.
    pub fn expire_addresses(&self) {
        self.service.state().world.objects.expire();
    }

    /// What is kept under a path such as `/chats`, oldest first.
    pub fn items(&self, path: &str) -> Vec<Value> {
        let state = self.service.state();
        let store = &state.world.store;
        let items = store.resources.at(path).map(|collection| store.items(collection)).unwrap_or_default();
        items.iter().map(|entry| entry.value.clone()).collect()
    }

    /// The ids of what is kept under a path such as `/chats`, oldest first.
    pub fn ids(&self, path: &str) -> Vec<Value> {
        self.items(path).iter().filter_map(|item| item.get("id").cloned()).collect()
    }

    /// Adds something under a path, as if the service itself had made it, and gives its id.
    ///
    /// Fields that are left out are made up. Nothing is added when there is no such path.
    pub fn add(&self, path: &str, fields: Value) -> Option<Value> {
        self.service.state().world.add(path, &fields)
    }

    /// Adds many things under a path at once, alike but for their ids, and gives the id of the first.
    ///
    /// They take no room: each is made when it is looked at, in lists or by its id, so that a million cost as much as
    /// one. [`Server::items`] and [`Server::ids`] tell only of those that were asked for by id. Nothing is added when
    /// there is no such path.
    pub fn populate(&self, path: &str, count: u64) -> Option<Value> {
        self.populate_with(path, count, Value::Null)
    }

    /// Adds many things as [`Server::populate`] does, with these fields in common, such as the chat of messages.
    pub fn populate_with(&self, path: &str, count: u64, fields: Value) -> Option<Value> {
        self.service.state().world.populate(path, count, &fields)
    }

    /// A webhook with this payload, signed.
    ///
    /// # Errors
    /// When the description has no webhook of this form.
    pub fn webhook(&self, payload: &Value) -> Result<SignedWebhook, String> {
        self.service.document.judge_webhook(payload)?;
        Ok(SignedWebhook::new(payload, self.webhook_secret()))
    }

    /// The webhook that tells of a new message, signed and as of now.
    ///
    /// # Errors
    /// When the message lacks what the webhook tells.
    pub fn message_webhook(&self, message: &Value) -> Result<SignedWebhook, String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
        let seconds = i64::try_from(now.as_secs()).map_err(|error| error.to_string())?;
        let state = self.service.state();
        let thread = state.world.store.related(message);
        drop(state);
        self.webhook(&new_message(message, thread.as_ref(), seconds))
    }

    /// Sends a webhook to an address of this machine and gives the status of the answer.
    ///
    /// # Errors
    /// When the address is not of this machine, or does not answer within five seconds as the service asks.
    pub async fn deliver(&self, url: &str, webhook: &SignedWebhook) -> io::Result<u16> {
        deliver(url, webhook).await
    }
}
