//! How a client is set up.

use std::fmt;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;
use tower::{Layer, Service};

use crate::transport::{Call, Session, Transport};
use crate::{BASE_URL, Client};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a call may take from the first byte sent to the last byte received.
const TIMEOUT: Duration = Duration::from_secs(60);

const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The settings of a [`Client`].
pub struct ClientBuilder {
    token: String,
    base_url: String,
    timeout: Duration,
    connect_timeout: Duration,
    user_agent: String,
    http: Option<reqwest::Client>,
}

/// Why a client could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The token is empty or has characters that no header can hold.
    #[error("the token is empty or has characters that cannot be sent in a header")]
    Token,
    /// The base URL is not an absolute http(s) address, or it has a query or a fragment.
    #[error("the base URL must be an absolute http(s) address without query or fragment")]
    BaseUrl,
    /// reqwest cannot be set up with these settings.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(#[source] reqwest::Error),
}

impl Client {
    /// Starts with a token and the official server.
    ///
    /// # Example
    /// ```no_run
    /// # fn example() -> Result<(), pachca_api::BuildError> {
    /// let client = pachca_api::Client::builder("the token").base_url("https://pachca.example.com/api/shared/v1").build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(token: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            token: token.into(),
            base_url: BASE_URL.to_owned(),
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            user_agent: USER_AGENT.to_owned(),
            http: None,
        }
    }

    /// The HTTP client below, which knows no token: for the addresses that answers lead to.
    pub fn http(&self) -> &reqwest::Client {
        &self.client
    }
}

impl ClientBuilder {
    /// Another server, for example one on your own premises. A slash at the end makes no difference.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// How long a call may take in all; 60 seconds unless set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a connection may take to be made; 10 seconds unless set.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Names your program before the client's own name in `User-Agent`.
    #[must_use]
    pub fn user_agent(mut self, program: impl fmt::Display) -> Self {
        self.user_agent = format!("{program} {USER_AGENT}");
        self
    }

    /// Uses your own reqwest client. Timeouts and `User-Agent` are then yours to set, and it should follow no
    /// redirects: an operation that answers with an address gives it back.
    #[must_use]
    pub fn http(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Sets the client up.
    ///
    /// # Errors
    /// When the token, the base URL or the HTTP settings cannot be used.
    pub fn build(self) -> Result<Client, BuildError> {
        self.layered(tower::layer::util::Identity::new())
    }

    /// Sets the client up with a layer around every call.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`].
    pub fn layered<L>(self, layer: L) -> Result<Client, BuildError>
    where
        L: Layer<Transport>,
        L::Service: Service<Call, Response = reqwest::Response, Error = reqwest::Error> + Clone + Send + Sync + 'static,
        <L::Service as Service<Call>>::Future: Send + 'static,
    {
        let base_url = base_url(&self.base_url).ok_or(BuildError::BaseUrl)?;
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {}", self.token)).map_err(|_| BuildError::Token)?;
        if self.token.trim().is_empty() {
            return Err(BuildError::Token);
        }
        authorization.set_sensitive(true);
        let http = match self.http {
            Some(http) => http,
            None => reqwest::Client::builder()
                .timeout(self.timeout)
                .connect_timeout(self.connect_timeout)
                .user_agent(self.user_agent)
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .map_err(BuildError::Http)?,
        };
        let transport = Transport::new(layer.layer(Transport::direct(http.clone())));
        Ok(Client::new_with_client(&base_url, http, Session { transport, authorization }))
    }
}

// The token stays out of logs.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientBuilder")
            .field("token", &format_args!("[redacted]"))
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

/// A base URL without the slash at its end.
fn base_url(text: &str) -> Option<String> {
    let url = absolute(text)?;
    (url.query().is_none() && url.fragment().is_none()).then(|| text.trim_end_matches('/').to_owned())
}

/// An absolute http(s) address.
pub(crate) fn absolute(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}
