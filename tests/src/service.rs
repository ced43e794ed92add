//! From a request to its answer, or to what a fault makes of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use bytes::Bytes;
use http::Method;
use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::answer::World;
use crate::document::Document;
use crate::fault::{Deed, Fault, PageFault, Phase, SILENCE};
use crate::limits::Limits;
use crate::mishap::{chosen, cut, daily_cap, half};
use crate::objects::FORM_LIMIT;
use crate::operation::Operation;
use crate::record::{BODY, Recorded, Records};
use crate::refusal::{BrokenRule, Refusal};
use crate::router::{Route, find};
use crate::script::{Asking, Script};
use crate::storage::STORAGE_PATH;
use crate::wire::Wire;

/// The greatest body that the API takes.
pub const BODY_LIMIT: usize = 16 << 20;

/// Everything that the connections share.
#[derive(Debug)]
pub struct Service {
    /// The description.
    pub document: &'static Document,
    /// The token that is accepted.
    pub token: String,
    /// The secret with which webhooks are signed.
    pub webhook_secret: String,
    started: Instant,
    /// Changes when the server stops, and ends when it is not wanted any more.
    stopping: watch::Receiver<()>,
    state: Mutex<State>,
}

/// What changes.
#[derive(Debug)]
pub struct State {
    /// What the service keeps.
    pub world: World,
    /// What it was asked.
    pub records: Records,
    /// What is to go wrong.
    pub script: Script,
    /// How fast it may be asked, if that is limited.
    pub limits: Option<Limits>,
    /// How many connections were made.
    pub connections: u64,
    answered: u64,
}

impl State {
    /// The state of a service that was asked nothing yet.
    pub fn new(world: World, records: Records, script: Script, limits: Option<Limits>) -> Self {
        Self { world, records, script, limits, connections: 0, answered: 0 }
    }
}

/// The ordinary answer to a request.
#[derive(Debug)]
pub struct Answered {
    /// The answer.
    pub response: Response,
    /// Whether what was asked was done.
    pub processed: bool,
}

/// What a request is for.
enum Aim {
    /// The object store, with the key of an object.
    Storage(String, Option<&'static Operation>),
    /// The API.
    Api(Route<'static>),
}

/// A request whose body was read, or an answer that says why not.
struct Job<'a> {
    number: u64,
    aim: Aim,
    parts: &'a Parts,
    body: Result<Bytes, Response>,
    page: Option<PageFault>,
}

impl Service {
    /// A service for what is kept already.
    pub fn new(
        document: &'static Document,
        token: String,
        webhook_secret: String,
        state: State,
        stopping: watch::Receiver<()>,
    ) -> Self {
        Self { document, token, webhook_secret, started: Instant::now(), stopping, state: Mutex::new(state) }
    }

    /// The state, even if a request panicked: what it left behind is still worth looking at.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether a new connection is to be broken at once.
    pub fn hangs_up(&self) -> bool {
        let mut state = self.state();
        state.connections += 1;
        state.script.hangs_up()
    }

    /// Answers any request, unless a fault wants otherwise, and remembers it.
    pub async fn answer(&self, request: Request) -> Response {
        let (mut parts, body) = request.into_parts();
        let wire = parts.extensions.remove::<ConnectInfo<Wire>>().map(|ConnectInfo(wire)| wire).unwrap_or_default();
        let aim = self.aim(&parts);
        let (number, request_id, fault) = self.begin(&parts, &aim);
        let limit = if matches!(aim, Aim::Storage(..)) { FORM_LIMIT } else { BODY_LIMIT };
        let body = match &fault {
            Some(fault) if fault.phase == Phase::Head => Ok(Bytes::new()),
            // The body is read before anything is refused: a client that still writes would not see the refusal.
            _ => to_bytes(body, limit).await.map_err(|error| unread(&error, limit)),
        };
        if let (Ok(body), Some(recorded)) = (&body, self.state().records.get_mut(number)) {
            recorded.body = body.slice(..body.len().min(BODY));
        }
        let page = fault.as_ref().and_then(|fault| match fault.deed {
            Deed::Page(page) => Some(page),
            _ => None,
        });
        let job = Job { number, aim, parts: &parts, body, page };
        let (status, mut response) = match fault {
            Some(fault) => self.fail(fault, job, &wire, &request_id).await,
            None => told(self.work(job).await),
        };
        set_request_id(&mut response, &request_id);
        if let Some(recorded) = self.state().records.get_mut(number) {
            recorded.status = status;
        }
        response
    }

    /// Remembers a request before anything becomes of it, because a client may go away at any time.
    fn begin(&self, parts: &Parts, aim: &Aim) -> (u64, String, Option<Fault>) {
        let (operation, recorded) = match aim {
            Aim::Api(Route::Found(operation, _)) => (Some(*operation), Some(operation.id.clone())),
            Aim::Api(_) => (None, None),
            Aim::Storage(_, operation) => (*operation, None),
        };
        let query = parts.uri.query().unwrap_or_default();
        let mut state = self.state();
        state.answered += 1;
        let request_id = format!("mock-{:08}", state.answered);
        let download = matches!(aim, Aim::Storage(..)) && parts.method == Method::GET;
        let fault = state.script.hit(Asking { operation, download, query });
        let number = state.records.push(Recorded {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: query.to_owned(),
            headers: parts.headers.clone(),
            operation: recorded,
            request_id: request_id.clone(),
            fault: fault.as_ref().map(Fault::to_string),
            arrived: self.elapsed(),
            ..Recorded::default()
        });
        (number, request_id, fault)
    }

    fn aim(&self, parts: &Parts) -> Aim {
        let path = parts.uri.path();
        if let Some(key) = path.strip_prefix(STORAGE_PATH).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            let upload = self.document.operations.iter().find(|operation| operation.external.is_some());
            return Aim::Storage(key.to_owned(), upload.filter(|_| parts.method == Method::POST));
        }
        Aim::Api(match path.strip_prefix(&self.document.base_path) {
            Some(path) => find(self.document, parts.method.as_str(), path),
            None => Route::Unknown,
        })
    }

    /// Answers in the ordinary way.
    async fn work(&self, job: Job<'_>) -> Response {
        let body = match job.body {
            Ok(body) => body,
            Err(response) => return response,
        };
        let answered = match job.aim {
            Aim::Storage(key, _) => self.store(job.parts, &key, body).await,
            Aim::Api(route) => self.call(route, job.parts, &body, job.page).await,
        };
        if let Some(recorded) = self.state().records.get_mut(job.number) {
            recorded.processed = answered.processed;
        }
        answered.response
    }

    /// Answers as a fault wants it; the status is 0 when no answer is sent.
    async fn fail(&self, fault: Fault, job: Job<'_>, wire: &Wire, request_id: &str) -> (u16, Response) {
        let mut response = Response::new(Body::empty());
        let delay = fault.delay.unwrap_or_default();
        let lasted;
        if fault.phase == Phase::Processed {
            response = self.work(job).await;
            lasted = self.wait(delay).await;
        } else {
            lasted = self.wait(delay).await;
            if lasted && matches!(fault.deed, Deed::Wait) {
                response = self.work(job).await;
            }
        }
        match fault.deed {
            _ if !lasted => wire.reset(),
            Deed::Wait | Deed::Page(_) => return told(response),
            Deed::Answer { status, headers, body } => return told(chosen(status, &headers, body)),
            Deed::DailyCap => return told(daily_cap(fault.hits)),
            Deed::CutBody => return told(cut(response).await),
            Deed::HalfBody => {
                let status = response.status().as_u16();
                set_request_id(&mut response, request_id);
                wire.replace(half(response).await);
                return (status, Response::new(Body::empty()));
            }
            Deed::Garbage(bytes) => wire.replace(bytes),
            Deed::Reset | Deed::HangUp => wire.reset(),
            Deed::Silence => {
                self.wait(SILENCE).await;
                wire.reset();
            }
        }
        (0, Response::new(Body::empty()))
    }

    /// Waits, and says whether the server is still wanted then.
    async fn wait(&self, delay: Duration) -> bool {
        if delay.is_zero() {
            return true;
        }
        let mut stopping = self.stopping.clone();
        // A restart ends the waits before it only.
        stopping.mark_unchanged();
        tokio::select! {
            () = sleep(delay) => true,
            _ = stopping.changed() => false,
        }
    }
}

fn told(response: Response) -> (u16, Response) {
    (response.status().as_u16(), response)
}

fn set_request_id(response: &mut Response, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
}

/// The answer to a body that could not be read to its end.
fn unread(error: &axum::Error, limit: usize) -> Response {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if error.to_string().contains("length limit exceeded") {
            let message = format!("The body has more than {limit} bytes");
            return Refusal::fault(413, BrokenRule::new("too_long", "base", Value::Null, message)).into_response();
        }
        source = error.source();
    }
    let message = format!("The body could not be read: {error}");
    Refusal::fault(400, BrokenRule::new("wrong_params", "base", Value::Null, message)).into_response()
}
