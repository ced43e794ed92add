//! The configured client.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use pachca_api::{Call, Client, Transport, reqwest};
use secrecy::{ExposeSecret as _, SecretString};
use tower::{Layer, Service};

use crate::error::{Error, ErrorKind};
use crate::rate_limit::{RateLimitLayer, RateLimits};
use crate::retry::{RetryLayer, RetryPolicy};
use crate::trace::TraceLayer;

/// The variable that holds the token.
const TOKEN_VARIABLE: &str = "PACHCA_TOKEN";

/// The variable that holds the address of another server.
const URL_VARIABLE: &str = "PACHCA_API_URL";

/// A client that waits, keeps to the limits and explains. It derefs to the generated [`Client`], so that every
/// operation is one dot away. Clones share limits and connections, and are cheap.
///
/// ```no_run
/// # async fn example() -> Result<(), pachca_ext::Error> {
/// let pachca = pachca_ext::Pachca::from_env()?;
/// let profile = pachca.get_profile().send().await?;
/// println!("@{}", profile.data.nickname);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Pachca {
    client: Client,
    /// For what is sent and fetched in a stream, which the layers cannot send again.
    pub(crate) policy: RetryPolicy,
}

impl Pachca {
    /// Starts with a token and the documented limits.
    pub fn builder(token: impl Into<SecretString>) -> PachcaBuilder {
        PachcaBuilder {
            token: token.into(),
            base_url: None,
            timeout: None,
            user_agent: None,
            retry: RetryPolicy::default(),
            rate_limits: RateLimits::default(),
            http: None,
            layers: Vec::new(),
        }
    }

    /// Takes the token from `PACHCA_TOKEN`, and the address of another server from `PACHCA_API_URL` if it is set.
    ///
    /// # Errors
    /// When the token is not set or cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let token = set(TOKEN_VARIABLE)
            .ok_or_else(|| Error::new(ErrorKind::InvalidRequest, format!("set {TOKEN_VARIABLE} to the token")))?;
        let builder = Self::builder(token);
        match set(URL_VARIABLE) {
            Some(url) => builder.base_url(url).build(),
            None => builder.build(),
        }
    }
}

impl Deref for Pachca {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl fmt::Debug for Pachca {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pachca").finish_non_exhaustive()
    }
}

/// The settings of a [`Pachca`].
pub struct PachcaBuilder {
    token: SecretString,
    base_url: Option<String>,
    timeout: Option<Duration>,
    user_agent: Option<String>,
    retry: RetryPolicy,
    rate_limits: RateLimits,
    http: Option<reqwest::Client>,
    /// The user's layers, the one nearest to the wire first.
    layers: Vec<Box<dyn FnOnce(Transport) -> Transport + Send>>,
}

impl PachcaBuilder {
    /// Another server, for example one on your own premises.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// How long one attempt may take; 60 seconds unless set here or in the [`RetryPolicy`], which also bounds all
    /// attempts together. A file that is sent or fetched takes as long as it is big: this is then how long it may
    /// stand still.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Names your program in `User-Agent`.
    #[must_use]
    pub fn user_agent(mut self, program: impl fmt::Display) -> Self {
        self.user_agent = Some(program.to_string());
        self
    }

    /// How calls are tried again, and how long they may take in all.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many calls are let through in which time.
    #[must_use]
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.rate_limits = limits;
        self
    }

    /// Uses your own reqwest client, with its own timeouts and `User-Agent`. It should follow no redirects.
    #[must_use]
    pub fn http(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Puts a layer of your own between the waiting and the wire: it sees every attempt with its operation. A layer
    /// that is added later is further from the wire.
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Transport> + Send + 'static,
        L::Service: Service<Call, Response = reqwest::Response, Error = reqwest::Error> + Clone + Send + Sync + 'static,
        <L::Service as Service<Call>>::Future: Send + 'static,
    {
        self.layers.push(Box::new(move |transport| Transport::new(layer.layer(transport))));
        self
    }

    /// Sets the client up.
    ///
    /// # Errors
    /// When the token, the address or the HTTP settings cannot be used.
    pub fn build(self) -> Result<Pachca, Error> {
        let mut builder = Client::builder(self.token.expose_secret());
        if let Some(url) = self.base_url {
            builder = builder.base_url(url);
        }
        if let Some(program) = self.user_agent {
            builder = builder.user_agent(program);
        }
        if let Some(http) = self.http {
            builder = builder.http(http);
        }
        let policy = match self.timeout {
            Some(timeout) => self.retry.attempt_timeout(timeout),
            None => self.retry,
        };
        let (retry, limits) = (RetryLayer::new(policy.clone()), RateLimitLayer::new(self.rate_limits));
        let stack = (TraceLayer, retry, limits);
        // A layer is asked once; taking what it was given keeps it a plain function.
        let own = std::sync::Mutex::new(self.layers);
        let layer = tower::layer::layer_fn(move |transport: Transport| {
            let layers = own.lock().map(|mut layers| std::mem::take(&mut *layers)).unwrap_or_default();
            let transport = layers.into_iter().fold(transport, |transport, layer| layer(transport));
            stack.layer(transport)
        });
        Ok(Pachca { client: builder.layered(layer)?, policy })
    }
}

// The token stays out of logs.
impl fmt::Debug for PachcaBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PachcaBuilder")
            .field("token", &format_args!("[redacted]"))
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .field("rate_limits", &self.rate_limits)
            .finish_non_exhaustive()
    }
}
