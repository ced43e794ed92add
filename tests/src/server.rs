//! A Pachca that runs in this process.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Request, State};
use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

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
use crate::webhook::{SignedWebhook, click, deliver, new_message};
use crate::wire::{Gate, Wire};

/// How long a server that is started again may take to let go of its connections and its address.
const RESTART: Duration = Duration::from_secs(10);

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
        let serving = serve(listener, service.clone(), stopped);
        Ok(Server { service, address, stop, serving })
    }
}

/// Answers connections until the server is told to stop or dropped.
fn serve(listener: TcpListener, service: Arc<Service>, mut stopped: watch::Receiver<()>) -> JoinHandle<()> {
    let router = Router::new()
        .fallback(|State(service): State<Arc<Service>>, request: Request| async move { service.answer(request).await })
        .with_state(service.clone())
        .into_make_service_with_connect_info::<Wire>();
    let serving = axum::serve(Gate::new(listener, service), router).with_graceful_shutdown(async move {
        // Either way, told or dropped, this is the end.
        let _ = stopped.changed().await;
    });
    tokio::spawn(async move {
        // Serving has no end but that.
        let _ = serving.await;
    })
}

/// A running server, which stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    service: Arc<Service>,
    address: SocketAddr,
    stop: watch::Sender<()>,
    serving: JoinHandle<()>,
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

    /// Stops, and starts again at the same address with everything that was kept. All connections are closed, and the
    /// cursors that were given before are refused from now on.
    ///
    /// # Errors
    /// When the address can't be listened on again.
    pub async fn restart(&mut self) -> io::Result<()> {
        self.stop.send_replace(());
        if timeout(RESTART, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
        self.service.state().world.store.restarts += 1;
        let bound = timeout(RESTART, async {
            loop {
                match TcpListener::bind(self.address).await {
                    Err(error) if error.kind() == io::ErrorKind::AddrInUse => sleep(Duration::from_millis(10)).await,
                    bound => return bound,
                }
            }
        });
        let listener = bound.await.unwrap_or_else(|_| Err(io::ErrorKind::AddrInUse.into()))?;
        self.serving = serve(listener, self.service.clone(), self.stop.subscribe());
        Ok(())
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
        let state = self.service.state();
        let thread = state.world.store.related(message);
        drop(state);
        self.webhook(&new_message(message, thread.as_ref(), now()?))
    }

    /// The webhook that tells of a click on the button of a message that has this data, signed and as of now.
    ///
    /// Its `trigger_id` opens a form within 3 seconds. After the first click no other is good any more.
    ///
    /// # Errors
    /// When the message has no such button.
    pub fn click_webhook(&self, message: &Value, data: &str) -> Result<SignedWebhook, String> {
        let mut state = self.service.state();
        let World { forms, store, .. } = &mut state.world;
        let trigger = forms.click(&message["chat_id"], &mut store.random);
        let user = store.caller();
        drop(state);
        self.webhook(&click(message, data, &trigger, &user, now()?)?)
    }

    /// The webhook that tells that the form that was opened last is submitted with these values by the names of their
    /// fields, signed and as of now.
    ///
    /// # Errors
    /// When no form was opened after a click, or it has no such field.
    pub fn form_webhook(&self, values: &Value) -> Result<SignedWebhook, String> {
        let state = self.service.state();
        let payload = state.world.forms.submit(values, &state.world.store.caller(), now()?)?;
        drop(state);
        self.webhook(&payload)
    }

    /// Sends a webhook to an address of this machine and gives the answer.
    ///
    /// # Errors
    /// When the address is not of this machine, or does not answer within five seconds as the service asks.
    pub async fn deliver(&self, url: &str, webhook: &SignedWebhook) -> io::Result<http::Response<Bytes>> {
        deliver(url, webhook).await
    }
}

/// Now, in UNIX seconds.
fn now() -> Result<i64, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    i64::try_from(now.as_secs()).map_err(|error| error.to_string())
}
