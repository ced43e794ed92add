//! The table: every operation of the API, called once through the client with everything filled.
//!
//! The rows share one [`World`], which carries ids from one row to the next: what creates comes before what uses,
//! and what deletes comes last.

use std::fmt;
use std::pin::Pin;

use pachca_api::reqwest::StatusCode;
use serde_json::Value;

use checks::Outcome;
pub use world::World;

/// Makes a list of rows: a method, a path as the description has it, and the function that makes the call.
macro_rules! rows {
    ($($method:ident $path:literal => $call:path,)*) => {
        &[$(super::Row { method: stringify!($method), path: $path, call: |world| Box::pin($call(world)) },)*]
    };
}

mod bots;
mod chats;
mod checks;
mod company;
pub mod document;
mod exports;
mod files;
mod members;
mod messages;
mod profile;
mod reactions;
mod search;
mod tags;
mod tasks;
mod threads;
mod users;
mod views;
mod world;

/// Calls one operation and says how it was answered.
type Call = for<'w> fn(&'w mut World) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'w>>;

/// One operation.
pub struct Row {
    pub method: &'static str,
    pub path: &'static str,
    call: Call,
}

/// What came of one row; it prints as the one line that a person or a script reads.
pub struct Line {
    pub method: &'static str,
    pub path: &'static str,
    pub status: Option<StatusCode>,
    pub error: Option<String>,
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "contract {} {} ", self.method, self.path)?;
        match self.status {
            Some(status) => write!(formatter, "{} ", status.as_u16())?,
            None => formatter.write_str("- ")?,
        }
        match &self.error {
            // One row is one line, whatever a server says.
            Some(error) => write!(formatter, "error: {}", error.split_whitespace().collect::<Vec<_>>().join(" ")),
            None => formatter.write_str("ok"),
        }
    }
}

/// Every row, in the order in which they can be run.
pub fn table() -> impl Iterator<Item = &'static Row> {
    let making = [
        company::ROWS,
        files::ROWS,
        profile::ROWS,
        tags::ROWS,
        bots::ROWS,
        chats::ROWS,
        users::ROWS,
        members::ROWS,
        messages::ROWS,
        reactions::ROWS,
        threads::ROWS,
        search::ROWS,
        tasks::ROWS,
        views::ROWS,
        exports::ROWS,
    ];
    let ending = [
        reactions::LAST,
        messages::LAST,
        members::LAST,
        chats::LAST,
        tasks::LAST,
        bots::LAST,
        profile::LAST,
        users::LAST,
        tags::LAST,
        company::LAST,
    ];
    making.into_iter().chain(ending).flatten()
}

/// Runs the whole table. A row that fails does not stop the next.
pub async fn run(world: &mut World, description: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    for Row { method, path, call } in table() {
        let (status, error) = match call(world).await {
            // Another server may be a stub that knows only one kind of success, ours knows the description.
            Ok(status) if world.is_ours() && !document::is_documented(description, method, path, status) => {
                (Some(status), Some("this status is not the documented one".to_owned()))
            }
            Ok(status) => (Some(status), None),
            Err(failure) => (failure.status, Some(failure.reason)),
        };
        lines.push(Line { method, path, status, error });
    }
    lines
}
