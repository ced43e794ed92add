//! The same news for many.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::future::ready;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};
use pachca_api::types;

use crate::client::Pachca;
use crate::error::{Error, ErrorKind};
use crate::message::Recipient;

/// How many messages are under way together unless it is set: enough to reach some hundred recipients a second where
/// the server answers in 50 ms.
const AT_ONCE: usize = 16;

/// The operation that sends a message.
const SENDING: &str = "create_message";

/// What became of the message to one recipient.
#[derive(Debug)]
pub struct Delivery {
    /// Whom it was for.
    pub recipient: Recipient,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a message.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most messages are sent, and a box would be opened at once")]
pub enum Outcome {
    /// It was sent.
    Sent(types::Message),
    /// It was not sent, for sure; sending it again later does no harm.
    NotSent(Error),
    /// It was sent or it was not: no answer came, or one that does not tell. Sending it again may make it arrive twice.
    Unknown(Error),
}

/// A stream of [`Delivery`], in the order in which they come to an end. Its settings count until it is polled first.
#[must_use = "nothing is sent until the stream is polled"]
pub struct Broadcast<'a> {
    at_once: usize,
    start: Option<Box<dyn FnOnce(usize) -> BoxStream<'a, Delivery> + Send + 'a>>,
    stream: Option<BoxStream<'a, Delivery>>,
}

impl Pachca {
    /// Sends a message to each recipient, under the client's rate limits, and tells of each what became of it. The
    /// closure is given the message with its recipient and adds what it says.
    ///
    /// A failure concerns its recipient alone, but for a token that is refused and a workspace that is blocked: then
    /// those who had no turn yet get none, and are not in the stream.
    ///
    /// To go on another time, store the recipient of each delivery as it comes, and start again with the others; those
    /// of [`Outcome::NotSent`] may be tried again, those of [`Outcome::Unknown`] are for a person to decide. To stop
    /// early, let the iterator of the recipients end and the stream with it: a stream that is dropped does not tell
    /// what became of the messages under way.
    ///
    /// ```no_run
    /// use futures_util::StreamExt as _;
    /// use pachca_ext::{Outcome, Pachca, Recipient};
    ///
    /// # async fn example(pachca: Pachca, users: Vec<i64>) {
    /// let recipients = users.into_iter().map(Recipient::User);
    /// let mut deliveries = pachca.broadcast(recipients, |_, message| message.content("The office is closed today."));
    /// while let Some(delivery) = deliveries.next().await {
    ///     match delivery.outcome {
    ///         Outcome::Sent(message) => println!("{:?}: {}", delivery.recipient, message.id),
    ///         Outcome::NotSent(error) => println!("{:?}: not sent: {error}", delivery.recipient),
    ///         Outcome::Unknown(error) => println!("{:?}: perhaps sent: {error}", delivery.recipient),
    ///     }
    /// }
    /// # }
    /// ```
    pub fn broadcast<'a, R, W>(&self, recipients: R, write: W) -> Broadcast<'a>
    where
        R: IntoIterator<Item = Recipient>,
        R::IntoIter: Send + 'a,
        W: Fn(Recipient, types::builder::MessageCreate) -> types::builder::MessageCreate + Send + Sync + 'a,
    {
        let (pachca, recipients) = (self.clone(), recipients.into_iter());
        let start = move |at_once: usize| {
            let shared = Arc::new((pachca, write, AtomicBool::new(false)));
            let over = shared.clone();
            stream::iter(recipients)
                .take_while(move |_| ready(!over.2.load(Ordering::Relaxed)))
                .map(move |recipient| {
                    let shared = shared.clone();
                    async move {
                        let (pachca, write, over) = &*shared;
                        let outcome = match pachca.send_to(recipient, |message| write(recipient, message)).await {
                            Ok(message) => Outcome::Sent(message),
                            Err(error) if was_not_sent(&error) => Outcome::NotSent(error),
                            Err(error) => Outcome::Unknown(error),
                        };
                        if let Outcome::NotSent(error) = &outcome
                            && matches!(error.kind(), ErrorKind::Authentication | ErrorKind::Payment)
                        {
                            over.store(true, Ordering::Relaxed);
                        }
                        Delivery { recipient, outcome }
                    }
                })
                .buffer_unordered(at_once)
                .boxed()
        };
        Broadcast { at_once: AT_ONCE, start: Some(Box::new(start)), stream: None }
    }
}

/// Whether a message surely was not sent: its own call did nothing, or it was the thread that failed.
fn was_not_sent(error: &Error) -> bool {
    error.is_safe_to_repeat() || error.operation() != Some(SENDING)
}

impl Broadcast<'_> {
    /// How many messages are under way together; 16 unless set, and 0 counts as 1.
    pub fn at_once(mut self, messages: usize) -> Self {
        self.at_once = messages.max(1);
        self
    }
}

impl Stream for Broadcast<'_> {
    type Item = Delivery;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Delivery>> {
        let at_once = self.at_once;
        if let Some(start) = self.start.take() {
            self.stream = Some(start(at_once));
        }
        match &mut self.stream {
            Some(stream) => stream.poll_next_unpin(context),
            None => Poll::Ready(None),
        }
    }
}
