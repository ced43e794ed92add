//! Clicks on buttons, and the forms that they open.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::operation::Operation;
use crate::random::Random;
use crate::refusal::{BrokenRule, Refusal};

/// How long a form can be opened after a click, as the description says in words.
pub const TRIGGER_LIVES: Duration = Duration::from_secs(3);

/// The field with which a request opens a form.
const TRIGGER: &str = "trigger_id";

/// What was clicked, and what was opened by it.
#[derive(Debug, Default)]
pub struct Forms {
    clicks: BTreeMap<String, Click>,
    opened: Option<Form>,
}

#[derive(Debug)]
struct Click {
    at: Instant,
    chat: Value,
}

#[derive(Debug)]
struct Form {
    request: Value,
    chat: Value,
}

impl Forms {
    /// Remembers a click in a chat, and gives the key for opening a form.
    pub fn click(&mut self, chat: &Value, random: &mut Random) -> String {
        let trigger = format!("trigger-{}", random.hex(16));
        self.clicks.insert(trigger.clone(), Click { at: Instant::now(), chat: chat.clone() });
        trigger
    }

    /// Opens the form of a request that has a key, in time.
    ///
    /// As long as nobody has clicked, any key is good, so that a client can be tried without a click.
    ///
    /// # Errors
    /// When the key is none, or is over.
    pub fn open(&mut self, operation: &Operation, request: &Value) -> Result<(), Refusal> {
        let Some(trigger) = request.get(TRIGGER).and_then(Value::as_str) else { return Ok(()) };
        if self.clicks.is_empty() {
            return Ok(());
        }
        let refused = |code, message: &str| {
            let rule = BrokenRule::new(code, TRIGGER, json!(trigger), message);
            Err(Refusal::fault(operation.status(&[410, 422]), rule))
        };
        match self.clicks.get(trigger) {
            None => refused("trigger_not_found", "No click has this trigger"),
            Some(click) if click.at.elapsed() > TRIGGER_LIVES => {
                refused("trigger_expired", "The click was more than 3 seconds ago")
            }
            Some(click) => {
                self.opened = Some(Form { request: request.clone(), chat: click.chat.clone() });
                Ok(())
            }
        }
    }

    /// What the form that was opened last says when it is submitted with these values; the other fields are empty.
    ///
    /// # Errors
    /// When no form was opened, or it has no such field.
    pub fn submit(&self, values: &Value, user: &Value, timestamp: i64) -> Result<Value, String> {
        let Form { request, chat } = self.opened.as_ref().ok_or("no form was opened after a click")?;
        let blocks = request["view"]["blocks"].as_array().into_iter().flatten();
        let mut data: BTreeMap<String, Value> =
            blocks.filter_map(|block| Some((block["name"].as_str()?.to_owned(), Value::Null))).collect();
        for (name, value) in values.as_object().into_iter().flatten() {
            let field = data.get_mut(name).ok_or_else(|| format!("the form has no field `{name}`"))?;
            field.clone_from(value);
        }
        Ok(json!({
            "type": "view",
            "event": "submit",
            "callback_id": request["callback_id"],
            "private_metadata": request["private_metadata"],
            "chat_id": chat,
            "user_id": user,
            "data": data,
            "webhook_timestamp": timestamp,
        }))
    }
}
