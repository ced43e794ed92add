//! The files of a message: sent with it, added, replaced and removed.

use std::fmt;

use pachca_api::types::{File, FileType, Message, MessageCreate, MessageUpdate, MessageUpdateFile};

use crate::client::Pachca;
use crate::error::{Error, ErrorKind};
use crate::source::Source;
use crate::upload::{UploadedFile, incomplete};

impl Pachca {
    /// Sends files and then a message with them, after those that the message has already.
    ///
    /// ```no_run
    /// # async fn example(pachca: pachca_ext::Pachca) -> Result<(), pachca_ext::Error> {
    /// use pachca_ext::types;
    ///
    /// let message = types::MessageCreate::builder().entity_id(334).content("The plan and how it looks");
    /// let sent = pachca.send_with_files(message, ["plan.pdf", "photo.jpg"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the message is incomplete, in which case no file is sent; when a file cannot be sent, in which case no
    /// message is; and when the server refuses the message.
    pub async fn send_with_files<M, S>(&self, message: M, files: impl IntoIterator<Item = S>) -> Result<Message, Error>
    where
        M: TryInto<MessageCreate>,
        M::Error: fmt::Display,
        S: Into<Source>,
    {
        let mut message: MessageCreate = message
            .try_into()
            .map_err(|error| Error::of("create_message", ErrorKind::InvalidRequest, format_args!("{error}")))?;
        for file in self.uploaded(files).await? {
            message.files.get_or_insert_default().push(file);
        }
        Ok(self.create_message().body_map(|body| body.message(message)).send().await?.into_inner().data)
    }

    /// Sends files and adds them to those of a message.
    ///
    /// The server only takes all files of a message at once, so they are read first: what somebody else adds or
    /// removes in between is lost.
    ///
    /// # Errors
    /// When the message cannot be read or changed, or a file cannot be sent; the message then keeps what it had.
    pub async fn add_files<S: Into<Source>>(
        &self,
        message_id: i64,
        files: impl IntoIterator<Item = S>,
    ) -> Result<Message, Error> {
        let added = self.uploaded(files).await?;
        let mut all = self.files_of(message_id, |_| true).await?;
        all.extend(added);
        self.set_files(message_id, all).await
    }

    /// Sends files and puts them in the place of those that a message has.
    ///
    /// # Errors
    /// When a file cannot be sent or the message cannot be changed; the message then keeps what it had.
    pub async fn replace_files<S: Into<Source>>(
        &self,
        message_id: i64,
        files: impl IntoIterator<Item = S>,
    ) -> Result<Message, Error> {
        let files = self.uploaded(files).await?;
        self.set_files(message_id, files).await
    }

    /// Removes those files of a message for which a function says so: `|_| true` removes all of them.
    ///
    /// What is said of [`Pachca::add_files`] about others holds here too. When the function says so of none, nothing
    /// is changed.
    ///
    /// # Errors
    /// When the message cannot be read or changed.
    pub async fn remove_files(&self, message_id: i64, remove: impl Fn(&File) -> bool) -> Result<Message, Error> {
        let kept = self.files_of(message_id, |file| !remove(file)).await?;
        self.set_files(message_id, kept).await
    }

    /// Sends files, and gives them in the form in which a message takes them.
    async fn uploaded<S, F>(&self, files: impl IntoIterator<Item = S>) -> Result<Vec<F>, Error>
    where
        S: Into<Source>,
        F: TryFrom<UploadedFile, Error = Error>,
    {
        self.upload_all(files).send().await?.into_iter().map(TryInto::try_into).collect()
    }

    /// The files that a message has, in the form in which a change keeps them.
    async fn files_of(&self, message_id: i64, keep: impl Fn(&File) -> bool) -> Result<Vec<MessageUpdateFile>, Error> {
        let message = self.get_message().id(message_id).send().await?.into_inner().data;
        let voice = message.voice_content;
        let kept = message.files.into_iter().filter(|file| keep(file)).map(|file| {
            // A recording is refused without what is told of it beside the files.
            let voice = voice.as_ref().filter(|_| file.file_type == FileType::Voice);
            // Without its kind the server takes a file for a plain one; sizes are not told.
            let builder = MessageUpdateFile::builder().key(file.key).name(file.name).file_type(file.file_type);
            let builder = builder.width(file.width).height(file.height);
            let builder = builder.duration_ms(voice.map(|voice| voice.duration_ms));
            builder.waveform(voice.map(|voice| voice.waveform.clone())).build().map_err(incomplete)
        });
        kept.collect()
    }

    async fn set_files(&self, message_id: i64, files: Vec<MessageUpdateFile>) -> Result<Message, Error> {
        let change = MessageUpdate::builder().files(files);
        let call = self.update_message().id(message_id).body_map(|body| body.message(change));
        Ok(call.send().await?.into_inner().data)
    }
}
