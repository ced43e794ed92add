//! What the rows share: the client, the server behind it, and the ids of what was created.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pachca_api::reqwest::{self, Url, redirect};
use pachca_api::types::UploadParams;
use pachca_api::{BuildError, Client};
use pachca_tests::Server;

/// An id that no 32-bit integer holds. The service has such ids, whatever its description says.
pub const LARGE_ID: i64 = 4_811_223_907;

/// A server that hangs must not hang the whole table.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The state of one run. Each id starts with a literal of its own, so that a row whose predecessor failed is still
/// called and tells something.
pub struct World {
    pub client: Client,
    base_url: String,
    server: Option<Server>,
    pub me: i64,
    pub property: i64,
    pub user: i64,
    pub tag: i64,
    pub bot: i64,
    pub chat: i64,
    pub message: i64,
    pub thread: i64,
    pub task: i64,
    pub export: i64,
    pub event: String,
    pub upload: Option<UploadParams>,
    pub file_key: String,
}

impl World {
    /// A run against our own server, which ends with the run.
    ///
    /// # Errors
    /// When the server does not start or the client cannot be set up.
    pub async fn ours() -> Result<Self, Box<dyn std::error::Error>> {
        let server = Server::start().await?;
        let mut world = Self::new(&server.base_url(), server.token())?;
        world.server = Some(server);
        Ok(world)
    }

    /// A run against another server.
    ///
    /// # Errors
    /// When the address is not a loopback one, or the client cannot be set up.
    #[allow(dead_code, reason = "one of the two test targets runs against our own server only")]
    pub fn elsewhere(base_url: &str, token: &str) -> Result<Self, String> {
        if !is_loopback(base_url) {
            return Err(format!(
                "PACHCA_CONTRACT_URL must be the http address of a loopback host (127.0.0.0/8, ::1 or localhost), \
                 because the table creates and deletes whatever it can: {base_url}"
            ));
        }
        Self::new(base_url, token).map_err(|error| error.to_string())
    }

    fn new(base_url: &str, token: &str) -> Result<Self, BuildError> {
        // A proxy named in the environment would take the calls away from this machine.
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(TIMEOUT)
            .user_agent("pachca-tests")
            .build()
            .map_err(BuildError::Http)?;
        Ok(Self {
            client: Client::builder(token).base_url(base_url).http(http).build()?,
            base_url: base_url.to_owned(),
            server: None,
            me: 70,
            property: 71,
            user: 72,
            tag: 73,
            bot: 74,
            chat: 75,
            message: 76,
            thread: 77,
            task: 78,
            // The first export that `mock-pachca` has from the start.
            export: 2_640_009_001,
            event: "80".to_owned(),
            upload: None,
            file_key: "attachments/none/plan.txt".to_owned(),
        })
    }

    /// Whether the server is our own, which keeps what it is sent.
    pub fn is_ours(&self) -> bool {
        self.server.is_some()
    }

    /// Our own server, if it is the one.
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// Where to upload to: the address that the server named, unless it leads away from this machine.
    pub fn upload_address(&self, direct_url: &str) -> String {
        if is_loopback(direct_url) {
            direct_url.to_owned()
        } else {
            format!("{}/direct_url", self.base_url.trim_end_matches('/'))
        }
    }
}

/// Whether an address is on this machine.
pub fn is_loopback(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let host = url.host_str().unwrap_or_default();
    let address: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
    url.scheme() == "http" && (host == "localhost" || address.is_some_and(|address| address.is_loopback()))
}

/// A day after the UNIX epoch; any day will do, as long as each is told apart.
pub fn day(number: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(number)
}

/// A day before everything that happens in a run.
pub fn long_ago() -> DateTime<Utc> {
    day(1_000)
}

/// A day after everything that happens in a run.
pub fn far_ahead() -> DateTime<Utc> {
    day(40_000)
}
