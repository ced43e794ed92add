//! Faults that a test asks for, one scripted misbehaviour each.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

/// How long an answer that never comes is waited for before the connection is reset.
pub const SILENCE: Duration = Duration::from_secs(60);

/// One scripted misbehaviour: what goes wrong, for which requests, how often.
///
/// ```no_run
/// # use std::time::Duration;
/// # use pachca_tests::{Fault, PageFault, Server};
/// # async fn run() -> std::io::Result<()> {
/// let server = Server::start().await?;
/// server.misbehave(Fault::answer(503).header("retry-after", "2").on("list_chats").times(2));
/// server.misbehave(Fault::reset().after_processing().on("create_message").chance(0.1));
/// server.misbehave(Fault::page(PageFault::Empty).times(1));
/// server.misbehave(Fault::delay(Duration::from_millis(20)));
/// server.behave();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    pub(crate) deed: Deed,
    pub(crate) phase: Phase,
    pub(crate) delay: Option<Duration>,
    pub(crate) operation: Option<String>,
    pub(crate) download: bool,
    pub(crate) chance: f64,
    pub(crate) left: Option<u64>,
    pub(crate) hits: u32,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// Nothing but the delay.
    Wait,
    /// Another answer.
    Answer { status: u16, headers: Vec<(String, String)>, body: Bytes },
    /// The refusal of whoever sent too much in one day.
    DailyCap,
    /// No connection any more, before anything is read.
    HangUp,
    /// No connection any more.
    Reset,
    /// Something that is not HTTP.
    Garbage(Bytes),
    /// The ordinary answer, whose body stops half-way with the connection.
    HalfBody,
    /// The ordinary answer with half of its body, which says that it is whole.
    CutBody,
    /// No answer.
    Silence,
    /// A list that does not page as it should.
    Page(PageFault),
}

/// How far a request gets before the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Only its head is read, without which nobody knows what it is.
    Head,
    /// It is read, and nothing is done.
    Read,
    /// It is read and done.
    Processed,
}

/// How a list does not page as it should. The page is otherwise the ordinary one. Where a cursor led back, by `prev_page`,
/// it is `prev_page` and `has_prev` that are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFault {
    /// `next_page` is the cursor that was sent, with `has_next: true`. A request without a cursor is not hit.
    RepeatedCursor,
    /// There is no `next_page`, with `has_next: true`.
    MissingCursor,
    /// `next_page` is empty, with `has_next: true`.
    EmptyCursor,
    /// There is no data, and `next_page` leads to what should have been there, with `has_next: true`.
    Empty,
    /// There is half of what was asked for, and `next_page` leads to the rest.
    Short,
    /// `next_page` stands alone, as older servers send it.
    OnlyNextPage,
}

impl Fault {
    fn new(deed: Deed, phase: Phase) -> Self {
        Self { deed, phase, delay: None, operation: None, download: false, chance: 1.0, left: None, hits: 0 }
    }

    /// Answers with this status, without a body, after the request was read; nothing is done.
    ///
    /// # Panics
    /// When the status is none of a whole answer: 200 to 599.
    #[track_caller]
    pub fn answer(status: u16) -> Self {
        assert!((200..600).contains(&status) && StatusCode::from_u16(status).is_ok(), "{status} can't be answered");
        Self::new(Deed::Answer { status, headers: Vec::new(), body: Bytes::new() }, Phase::Read)
    }

    /// Refuses as an object store does when what was signed for a while is used too late.
    pub fn expired() -> Self {
        let body = "<Error><Code>AccessDenied</Code><Message>Signed for a time that has expired</Message></Error>";
        Self::answer(403).body("application/xml", body)
    }

    /// Refuses as during the daily cap: 429 with a JSON body and an hour to wait, which doubles with every attempt,
    /// up to a day.
    pub fn daily_cap() -> Self {
        Self::new(Deed::DailyCap, Phase::Read)
    }

    /// Waits before the request is done and answered in the ordinary way.
    ///
    /// With [`Fault::after_processing`] it is done at once, and only the answer waits.
    pub fn delay(delay: Duration) -> Self {
        Self { delay: Some(delay), ..Self::new(Deed::Wait, Phase::Read) }
    }

    /// Resets a new connection before anything is read from it.
    ///
    /// What would have been asked is not known then: this counts connections and not requests, is not recorded, and
    /// does not go with [`Fault::on`].
    pub fn hang_up() -> Self {
        Self::new(Deed::HangUp, Phase::Head)
    }

    /// Resets the connection as soon as the head of a request says what it is; no body is read and nothing is done.
    pub fn reset() -> Self {
        Self::new(Deed::Reset, Phase::Head)
    }

    /// Sends bytes that are not HTTP, and closes the connection.
    pub fn garbage() -> Self {
        Self::new(
            Deed::Garbage(Bytes::from_static(b"\x15\x03\x01\x00\x02\x02\x16 this is not HTTP\r\n\r\n")),
            Phase::Read,
        )
    }

    /// Does what is asked, but closes the connection half-way through the body of the answer, or through its head
    /// when it has no body.
    pub fn half_body() -> Self {
        Self::new(Deed::HalfBody, Phase::Processed)
    }

    /// Does what is asked, but answers with half of the body as if that were all.
    pub fn cut_body() -> Self {
        Self::new(Deed::CutBody, Phase::Processed)
    }

    /// Never answers: the connection is held until the server stops, though for no more than a minute.
    pub fn silence() -> Self {
        Self::new(Deed::Silence, Phase::Read)
    }

    /// Does what is asked of a list in pages, but not as it should. Other requests are not hit.
    pub fn page(fault: PageFault) -> Self {
        Self::new(Deed::Page(fault), Phase::Processed)
    }

    /// Adds a header to a chosen answer; one that HTTP does not allow is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Deed::Answer { headers, .. } = &mut self.deed {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Gives a chosen answer a body of plain text.
    #[must_use]
    pub fn text(self, body: &str) -> Self {
        self.body("text/plain; charset=utf-8", body)
    }

    /// Gives a chosen answer a body of HTML, as proxies send it.
    #[must_use]
    pub fn html(self, body: &str) -> Self {
        self.body("text/html; charset=utf-8", body)
    }

    /// Gives a chosen answer a body of JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json; charset=utf-8", &body.to_string())
    }

    /// Gives a chosen answer a body of any type.
    #[must_use]
    pub fn body(mut self, kind: &str, content: &str) -> Self {
        if let Deed::Answer { body, .. } = &mut self.deed {
            *body = Bytes::copy_from_slice(content.as_bytes());
        }
        self.header("content-type", kind)
    }

    /// Waits before the fault.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Lets the request be read to its end first; nothing is done.
    #[must_use]
    pub fn after_reading(mut self) -> Self {
        self.phase = self.phase.max(Phase::Read);
        self
    }

    /// Lets the request be done first, so that whoever sends it again does it twice.
    #[must_use]
    pub fn after_processing(mut self) -> Self {
        self.phase = Phase::Processed;
        self
    }

    /// Hits only requests for one operation, by its operationId in snake case such as `create_message`.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Hits only downloads from the object store.
    #[must_use]
    pub fn on_download(mut self) -> Self {
        self.download = true;
        self
    }

    /// Hits a part of the matching requests, from 0.0 for none to 1.0 for all; the server's seed decides which.
    #[must_use]
    pub fn chance(mut self, chance: f64) -> Self {
        self.chance = chance;
        self
    }

    /// Hits as many requests as this and then no more.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.left = Some(times);
        self
    }
}

/// In words, as a record tells it: `answer 503`, `reset after processing`.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.deed {
            Deed::Wait => formatter.write_str("delay"),
            Deed::Answer { status, .. } => write!(formatter, "answer {status}"),
            Deed::DailyCap => formatter.write_str("daily cap"),
            Deed::HangUp => formatter.write_str("hang up"),
            Deed::Reset => formatter.write_str("reset"),
            Deed::Garbage(_) => formatter.write_str("garbage"),
            Deed::HalfBody => return formatter.write_str("half body"),
            Deed::CutBody => return formatter.write_str("cut body"),
            Deed::Silence => formatter.write_str("silence"),
            Deed::Page(fault) => return write!(formatter, "page {fault:?}"),
        }?;
        match (&self.deed, self.phase) {
            (_, Phase::Processed) => formatter.write_str(" after processing"),
            (Deed::Reset, Phase::Read) => formatter.write_str(" after reading"),
            _ => Ok(()),
        }
    }
}
