//! Sending to a chat, to a user or into a thread, in one call.

use pachca_api::types::{self, Button, MessageEntityType};
use serde::{Deserialize, Serialize};

use crate::client::Pachca;
use crate::error::{Error, ErrorKind};

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// A chat or channel, by its id; also the chat of a thread.
    Chat(i64),
    /// A user, by their id. A direct chat is made when there is none yet.
    User(i64),
    /// The thread of a message, by the message's id. A thread is made when there is none yet.
    ThreadOf(i64),
}

impl Pachca {
    /// Sends a message. The closure is given the message with its recipient and adds what it says.
    ///
    /// ```no_run
    /// use pachca_ext::{Pachca, Recipient, button, link};
    ///
    /// # async fn example(pachca: Pachca) -> Result<(), pachca_ext::Error> {
    /// let lunch = pachca.send_to(Recipient::User(12), |message| message.content("Lunch at one?")).await?;
    /// pachca.send_to(Recipient::ThreadOf(lunch.id), |message| message.content("Or at two.")).await?;
    /// let row = vec![button("Coming", "yes")?, link("The menu", "https://canteen.example/today")?];
    /// pachca.send_to(Recipient::Chat(334), |message| message.content("Who is coming?").buttons(vec![row])).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of `create_message`; for a thread also those of `create_thread`, which gives an existing thread again.
    pub async fn send_to(
        &self,
        recipient: Recipient,
        write: impl FnOnce(types::builder::MessageCreate) -> types::builder::MessageCreate,
    ) -> Result<types::Message, Error> {
        let (kind, id) = match recipient {
            Recipient::Chat(id) => (MessageEntityType::Discussion, id),
            Recipient::User(id) => (MessageEntityType::User, id),
            Recipient::ThreadOf(message) => {
                let thread = self.create_thread().id(message).send().await?;
                (MessageEntityType::Thread, thread.data.id)
            }
        };
        let message = write(types::MessageCreate::builder().entity_type(kind).entity_id(id));
        Ok(self.create_message().body_map(|body| body.message(message)).send().await?.into_inner().data)
    }
}

/// A button whose click is told to the bot, with `data` in the webhook.
///
/// At most 255 characters in each; a message takes 8 buttons in a row and 100 in all.
///
/// # Errors
/// When a later version of the API asks for more than a button has here.
pub fn button(text: impl Into<String>, data: impl Into<String>) -> Result<Button, Error> {
    built(Button::builder().text(text.into()).data(data.into()))
}

/// A button that opens an address, with at most 255 characters of text.
///
/// # Errors
/// As for [`button`].
pub fn link(text: impl Into<String>, url: impl Into<String>) -> Result<Button, Error> {
    built(Button::builder().text(text.into()).url(url.into()))
}

// A builder keeps compiling when the description gets another property, which a literal does not.
fn built(button: types::builder::Button) -> Result<Button, Error> {
    button.build().map_err(|error| Error::new(ErrorKind::InvalidRequest, format!("a button: {error}")))
}
