//! Avatars, one's own and those of others.

use std::fmt;

use pachca_api::types::AvatarData;

use crate::client::Pachca;
use crate::error::Error;
use crate::source::Source;
use crate::upload::Outgoing;

impl Pachca {
    /// Sends an image to be the caller's avatar.
    ///
    /// ```no_run
    /// # async fn example(pachca: pachca_ext::Pachca) -> Result<(), pachca_ext::Error> {
    /// let avatar = pachca.upload_avatar("me.png").send().await?;
    /// println!("{}", avatar.image_url);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_avatar(&self, image: impl Into<Source>) -> AvatarUpload<'_> {
        AvatarUpload { pachca: self, user: None, outgoing: Outgoing::new(image.into()) }
    }

    /// Sends an image to be the avatar of a user, for which admin rights are needed.
    pub fn upload_user_avatar(&self, user_id: i64, image: impl Into<Source>) -> AvatarUpload<'_> {
        AvatarUpload { pachca: self, user: Some(user_id), outgoing: Outgoing::new(image.into()) }
    }
}

/// An avatar to be sent, made by [`Pachca::upload_avatar`] and [`Pachca::upload_user_avatar`].
#[must_use = "nothing is uploaded before `send`"]
pub struct AvatarUpload<'a> {
    pachca: &'a Pachca,
    user: Option<i64>,
    outgoing: Outgoing,
}

impl AvatarUpload<'_> {
    /// Calls the image something else than on the disk; see [`Source::name`].
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.outgoing = self.outgoing.name(name.into());
        self
    }

    /// The media type, such as `image/png`, in place of the one that belongs to the name.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.outgoing = self.outgoing.content_type(content_type.into());
        self
    }

    /// Calls a function with the bytes handed to the connection so far and the bytes of the whole image, as
    /// [`Upload::on_progress`](crate::Upload::on_progress) does.
    pub fn on_progress(mut self, progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.outgoing = self.outgoing.on_progress(progress);
        self
    }

    /// Sends the image, again from its start where [`RetryPolicy`](crate::RetryPolicy) allows it, and gives the
    /// avatar's address.
    ///
    /// # Errors
    /// When the image cannot be read or called so, and when the server refuses it. The message names the image.
    pub async fn send(self) -> Result<AvatarData, Error> {
        let Some(user) = self.user else {
            let transfer = self.outgoing.transfer(self.pachca, "update_profile_avatar").await?;
            let send = || transfer.send(|image| self.pachca.update_profile_avatar().image(image).send());
            return Ok(transfer.attempts(send).await?.1.into_inner().data);
        };
        let transfer = self.outgoing.transfer(self.pachca, "update_user_avatar").await?;
        let send = || transfer.send(|image| self.pachca.update_user_avatar().user_id(user).image(image).send());
        Ok(transfer.attempts(send).await?.1.into_inner().data)
    }
}

impl fmt::Debug for AvatarUpload<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("AvatarUpload");
        shown.field("user", &self.user).field("outgoing", &self.outgoing).finish_non_exhaustive()
    }
}
