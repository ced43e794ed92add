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
use tokio::sync::oneshot;

use crate::answer::World;
use crate::document::Document;
use crate::random::Random;
use crate::record::Recorded;
use crate::resources::Resources;
use crate::seed::seed;
use crate::service::{STORAGE_PATH, Service};
use crate::store::Store;
use crate::webhook::{SignedWebhook, deliver, new_message};

/// How a server is to be started.
#[derive(Clone, Debug)]
pub struct Builder {
    listen: SocketAddr,
    seed: u64,
    token: Option<String>,
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
        let service = Arc::new(Service::new(document, token, secrets.hex(32), World::new(store)));
        let router = Router::new()
            .fallback(
                |State(service): State<Arc<Service>>, request: Request| async move { service.answer(request).await },
            )
            .with_state(service.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
            // Either way, told or dropped, the server is not wanted any more.
            let _ = stopped.await;
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
    _stop: oneshot::Sender<()>,
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
        Builder { listen: SocketAddr::from(([127, 0, 0, 1], 0)), seed: 1, token: None }
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

    /// The bytes of a stored object.
    pub fn stored(&self, key: &str) -> Option<Bytes> {
        self.service.state().world.objects.get(key)
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
