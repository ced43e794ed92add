//! Sending files to the storage, ready to be attached to messages.

mod transfer;

use std::fmt;

use futures_util::{StreamExt as _, TryFutureExt as _, TryStreamExt as _, stream};
use pachca_api::reqwest::multipart::Part;
use pachca_api::types::{FileType, MessageCreateFile, MessageUpdateFile};

use crate::client::Pachca;
use crate::error::{Error, ErrorKind};
use crate::source::Source;
use transfer::Transfer;
pub(crate) use transfer::{Outgoing, Progress};

/// What stands in a key for the name of the file, as the description of the upload's parameters says.
const FILE_NAME: &str = "${filename}";

/// How many files are sent at once unless it is set: enough to hide the waits of each, too few to starve other calls.
const AT_ONCE: usize = 4;

impl Pachca {
    /// Sends a file to the storage, to be attached to a message.
    ///
    /// ```no_run
    /// # async fn example(pachca: pachca_ext::Pachca) -> Result<(), pachca_ext::Error> {
    /// use pachca_ext::types;
    ///
    /// let file = pachca.upload("plan.pdf").on_progress(|sent, total| println!("{sent} of {total}")).send().await?;
    /// let message = types::MessageCreate::builder().entity_id(334).content("The plan").files(vec![file.try_into()?]);
    /// pachca.create_message().body_map(|body| body.message(message)).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload(&self, source: impl Into<Source>) -> Upload<'_> {
        Upload { pachca: self, file_type: None, outgoing: Outgoing::new(source.into()) }
    }

    /// Sends many files to the storage, a few at a time.
    ///
    /// ```no_run
    /// # async fn example(pachca: pachca_ext::Pachca) -> Result<(), pachca_ext::Error> {
    /// let files = pachca.upload_all(["plan.pdf", "photo.jpg"]).at_once(2).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_all<S: Into<Source>>(&self, sources: impl IntoIterator<Item = S>) -> UploadAll<'_> {
        let sources = sources.into_iter().map(Into::into).collect();
        UploadAll { pachca: self, sources, at_once: AT_ONCE }
    }
}

/// An upload to be sent, made by [`Pachca::upload`].
#[must_use = "nothing is uploaded before `send`"]
pub struct Upload<'a> {
    pachca: &'a Pachca,
    file_type: Option<FileType>,
    outgoing: Outgoing,
}

impl Upload<'_> {
    /// Calls the file something else than on the disk; see [`Source::name`].
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.outgoing = self.outgoing.name(name.into());
        self
    }

    /// How messages show the file, in place of what its name says: images and audio as such, all else as a file.
    pub fn file_type(mut self, file_type: impl Into<FileType>) -> Self {
        self.file_type = Some(file_type.into());
        self
    }

    /// The media type, such as `image/png`, in place of the one that belongs to the name.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.outgoing = self.outgoing.content_type(content_type.into());
        self
    }

    /// Calls a function with the bytes handed to the connection so far and the bytes of the whole file: at the start,
    /// and after each piece. When the file has to be sent again, it begins anew with 0. It should not block.
    pub fn on_progress(mut self, progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.outgoing = self.outgoing.on_progress(progress);
        self
    }

    /// Asks for the parameters, and sends the file with them.
    ///
    /// Parameters that have expired are asked for once more. After a broken connection, a stall, a 429 or a 5xx the file
    /// is sent again from its start with fresh parameters, as often as the [`RetryPolicy`](crate::RetryPolicy) allows:
    /// nothing refers to what a failed attempt may have left behind. The token does not go to the storage, and no
    /// redirect is followed there, unless by an HTTP client of your own that was set up to
    /// ([`PachcaBuilder::http`](crate::PachcaBuilder::http)).
    ///
    /// # Errors
    /// When the file cannot be read ([`ErrorKind::Io`](crate::ErrorKind::Io)) or called so, when no parameters are
    /// given out, and when the storage refuses, in its own words. The message names the file.
    pub async fn send(self) -> Result<UploadedFile, Error> {
        let transfer = self.outgoing.transfer(self.pachca, "upload_file").await?;
        let guessed = || file_type_of(transfer.content_type());
        let file_type = self.file_type.unwrap_or_else(guessed);
        let (key, size) = transfer.attempts(|| store(&transfer)).await?;
        Ok(UploadedFile { key, name: transfer.name().to_owned(), size, file_type })
    }
}

impl fmt::Debug for Upload<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Upload");
        shown.field("file_type", &self.file_type).field("outgoing", &self.outgoing).finish_non_exhaustive()
    }
}

/// Asks for parameters and sends the file with them; gives its key and its size.
async fn store(transfer: &Transfer<'_>) -> Result<(String, u64), Error> {
    let params = transfer.pachca.get_upload_params().send().await?.into_inner();
    let key = params.key.replace(FILE_NAME, transfer.name());
    let upload = |file: Part| {
        let call = transfer.pachca.upload_file().direct_url(params.direct_url.as_str());
        let call = call.content_disposition(params.content_disposition.as_str()).acl(params.acl.as_str());
        let call = call.policy(params.policy.as_str()).x_amz_credential(params.x_amz_credential.as_str());
        let call = call.x_amz_algorithm(params.x_amz_algorithm.as_str()).x_amz_date(params.x_amz_date.as_str());
        call.x_amz_signature(params.x_amz_signature.as_str()).key(key.as_str()).file(file).send()
    };
    let secrets = [params.policy.as_str(), &params.x_amz_credential, &params.x_amz_signature];
    let (size, _) = transfer.send(upload).await.map_err(|error| error.without(&secrets))?;
    Ok((key, size))
}

/// How messages show a file of this media type.
fn file_type_of(content_type: &str) -> FileType {
    match content_type.split('/').next() {
        Some("image") => FileType::Image,
        Some("audio") => FileType::Audio,
        _ => FileType::File,
    }
}

/// Uploads to be sent, made by [`Pachca::upload_all`].
#[must_use = "nothing is uploaded before `send`"]
#[derive(Debug)]
pub struct UploadAll<'a> {
    pachca: &'a Pachca,
    sources: Vec<Source>,
    at_once: usize,
}

impl UploadAll<'_> {
    /// How many files are sent at the same time; 4 unless set. 0 counts as 1.
    pub fn at_once(mut self, files: usize) -> Self {
        self.at_once = files.max(1);
        self
    }

    /// Sends the files, and gives what became of them in the order of the sources.
    ///
    /// # Errors
    /// The first failure, which names its file. The other uploads are then given up; those that were complete stay in
    /// the storage, where nothing refers to them.
    pub async fn send(self) -> Result<Vec<UploadedFile>, Error> {
        let upload =
            |(place, source): (usize, Source)| self.pachca.upload(source).send().map_ok(move |file| (place, file));
        let uploads: Vec<_> = self.sources.into_iter().enumerate().map(upload).collect();
        // A slow file keeps none waiting that comes after it.
        let mut files: Vec<_> = stream::iter(uploads).buffer_unordered(self.at_once).try_collect().await?;
        files.sort_by_key(|(place, _)| *place);
        Ok(files.into_iter().map(|(_, file)| file).collect())
    }
}

/// A file in the storage, as `files` of a message takes it:
///
/// ```
/// # fn example(file: pachca_ext::UploadedFile) -> Result<(), pachca_ext::Error> {
/// use pachca_ext::types;
///
/// let message = types::MessageCreate::builder().entity_id(334).content("The plan").files(vec![file.try_into()?]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedFile {
    /// Its path in the storage.
    pub key: String,
    /// What messages call it. Its extension has to be that of the key.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// How messages show it.
    pub file_type: FileType,
}

impl UploadedFile {
    /// The size as the API counts it, in which all files there are have room.
    fn api_size(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX)
    }
}

// Builders keep compiling when the description gets another property, which literals do not.
impl TryFrom<UploadedFile> for MessageCreateFile {
    type Error = Error;

    /// # Errors
    /// When a later version of the API asks for more than is known of an uploaded file.
    fn try_from(file: UploadedFile) -> Result<Self, Error> {
        let size = file.api_size();
        let builder = Self::builder().key(file.key).name(file.name).file_type(file.file_type).size(size);
        builder.build().map_err(incomplete)
    }
}

impl TryFrom<UploadedFile> for MessageUpdateFile {
    type Error = Error;

    /// # Errors
    /// When a later version of the API asks for more than is known of an uploaded file.
    fn try_from(file: UploadedFile) -> Result<Self, Error> {
        let size = file.api_size();
        let builder = Self::builder().key(file.key).name(file.name).file_type(file.file_type).size(size);
        builder.build().map_err(incomplete)
    }
}

/// What a message's `files` asks for beyond what is known.
pub(crate) fn incomplete(error: impl fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("a file of a message: {error}"))
}
