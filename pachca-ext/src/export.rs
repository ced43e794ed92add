//! Exports of messages: waiting for one and fetching it.

mod download;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pachca_api::reqwest::Url;
use pachca_api::types::ValidationErrorCode;
use tokio::time::{Instant, sleep};

use crate::client::Pachca;
use crate::error::{Error, ErrorKind};
use crate::upload::Progress;

/// The operation that tells where an export is.
const OPERATION: &str = "download_export";

/// The first pause between two questions whether it is ready; a small workspace takes seconds.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// What the doubling of the pauses stops at.
const MAX_POLL_INTERVAL: Duration = Duration::from_secs(30);

/// How long is waited at all unless it is set.
const MAX_WAIT: Duration = Duration::from_secs(60 * 60);

impl Pachca {
    /// An export of messages, by its id.
    ///
    /// [`request_export`](pachca_api::Client::request_export) orders one and answers without an id: Pachca sends that
    /// to the `webhook_url` of the order, as [`export_id`](pachca_api::types::ExportWebhookPayload::export_id), when
    /// the export is ready.
    ///
    /// ```no_run
    /// # async fn example(pachca: pachca_ext::Pachca, webhook: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    /// use pachca_ext::types;
    ///
    /// let (first, last): (chrono::NaiveDate, chrono::NaiveDate) = ("2026-03-01".parse()?, "2026-03-31".parse()?);
    /// let hook = "https://bot.example/hook";
    /// pachca.request_export().body_map(|body| body.start_at(first).end_at(last).webhook_url(hook)).send().await?;
    ///
    /// // Later, when the webhook has come:
    /// let ready: types::ExportWebhookPayload = serde_json::from_slice(webhook)?;
    /// pachca.export(ready.export_id).download("messages.zip").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn export(&self, id: i64) -> Export<'_> {
        Export { pachca: self, id, poll_interval: POLL_INTERVAL, max_wait: MAX_WAIT, progress: None }
    }
}

/// An export of messages, made by [`Pachca::export`].
#[must_use = "nothing is done before `wait` or `download`"]
#[derive(Clone)]
pub struct Export<'a> {
    pachca: &'a Pachca,
    id: i64,
    poll_interval: Duration,
    max_wait: Duration,
    progress: Option<Progress>,
}

impl Export<'_> {
    /// The most days of one order, from the description of `request_export`.
    pub const MAX_DAYS: u32 = 45;

    /// The most days of one order that names its chats, from the description of `request_export`.
    pub const MAX_DAYS_OF_CHATS: u32 = 366;

    /// The most chats that one order can name, from the description of `chat_ids`.
    pub const MAX_CHATS: usize = 50;

    /// The least time between two orders, from the vendor's documentation of its rate limits. There is also no second
    /// order while one is being carried out.
    pub const ORDER_INTERVAL: Duration = Duration::from_secs(90);

    /// How long the first pause is between two questions whether the export is ready; 2 s unless set. Each further one
    /// is twice as long, up to 30 s.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval.max(Duration::from_millis(1));
        self
    }

    /// How long to wait for the export in all; an hour unless set.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Calls a function with the bytes received so far and the bytes of the whole archive, which are 0 as long as the
    /// server does not tell. It should not block.
    pub fn on_progress(mut self, progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Waits until the export is ready, for those who get no webhook.
    ///
    /// # Errors
    /// When it is not ready in time ([`ErrorKind::Timeout`]). The server answers in the same way for an export that
    /// is not ready and for one that it does not know.
    pub async fn wait(&self) -> Result<(), Error> {
        self.ready().await.map(drop)
    }

    /// Waits until the export is ready and fetches it, and gives its size in bytes.
    ///
    /// The file appears under its name only when it is complete, and is readable by its owner alone. A download that
    /// breaks off goes on where it was if the storage allows that, and otherwise starts anew, as often without getting
    /// further as the [`RetryPolicy`](crate::RetryPolicy) allows. The temporary address is followed without the token,
    /// and asked for again when it has expired. Nothing that the storage says is taken for the name of a file.
    ///
    /// # Errors
    /// When something is there under this name already, when the file cannot be written
    /// ([`ErrorKind::Io`]), when the export is not ready in time, and when the storage refuses, in its own words.
    pub async fn download(&self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let mut partial = download::Partial::create(path.as_ref()).await?;
        let address = self.ready().await?;
        partial.fetch(self, address).await?;
        partial.finish().await
    }

    /// The temporary address, as soon as there is one.
    async fn ready(&self) -> Result<Url, Error> {
        let asked = Instant::now();
        let mut pause = self.poll_interval;
        loop {
            let error = match self.address().await {
                Ok(address) => return Ok(address),
                Err(error) => error,
            };
            let code = Some(ValidationErrorCode::ExportFileNotFound);
            if !error.items().iter().any(|item| item.code == code) {
                return Err(error);
            }
            let left = self.max_wait.saturating_sub(asked.elapsed());
            if left.is_zero() {
                let waited = self.max_wait.as_secs_f64();
                let message = format_args!("export {} was not ready after {waited} s, or is not there", self.id);
                return Err(Error::of(OPERATION, ErrorKind::Timeout, message));
            }
            sleep(pause.min(left)).await;
            pause = pause.saturating_mul(2).min(MAX_POLL_INTERVAL);
        }
    }

    async fn address(&self) -> Result<Url, Error> {
        Ok(self.pachca.download_export().id(self.id).send().await?.into_inner().into_url())
    }
}

impl fmt::Debug for Export<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Export");
        shown.field("id", &self.id).field("poll_interval", &self.poll_interval).field("max_wait", &self.max_wait);
        shown.finish_non_exhaustive()
    }
}
