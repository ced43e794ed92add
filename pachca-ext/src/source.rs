//! Where the bytes of a file come from.

mod ready;

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use bytes::Bytes;
use tokio::io::AsyncRead;

pub(crate) use ready::{CHUNK, Ready};

/// Where the bytes of a file come from, and what the file is called.
///
/// Whatever converts into a path converts into a source. A path is streamed from the disk; a reader and standard input
/// are first copied to a temporary file, in the folder of [`std::env::temp_dir`], because what is sent may have to be
/// sent again. Memory does not grow with the file.
///
/// ```
/// use pachca_ext::Source;
///
/// let report = Source::from("reports/2026-03.pdf");
/// let renamed = Source::path("/tmp/x81").name("March.pdf");
/// let note = Source::bytes("note.txt", "Water the plants.");
/// let piped = Source::stdin("log.txt");
/// ```
pub struct Source {
    name: Option<String>,
    content: Content,
}

enum Content {
    Path(PathBuf),
    Bytes(Bytes),
    Reader { reader: Pin<Box<dyn AsyncRead + Send>>, size: Option<u64> },
}

impl Source {
    /// A file of this machine, called as on the disk.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self { name: None, content: Content::Path(path.into()) }
    }

    /// What is in memory.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { name: Some(name.into()), content: Content::Bytes(bytes.into()) }
    }

    /// Whatever can be read, to its end.
    pub fn reader(name: impl Into<String>, reader: impl AsyncRead + Send + 'static) -> Self {
        Self { name: Some(name.into()), content: Content::Reader { reader: Box::pin(reader), size: None } }
    }

    /// What can be read and must have so many bytes: if it ends early or goes on, nothing is sent.
    pub fn sized_reader(name: impl Into<String>, reader: impl AsyncRead + Send + 'static, size: u64) -> Self {
        Self { name: Some(name.into()), content: Content::Reader { reader: Box::pin(reader), size: Some(size) } }
    }

    /// The standard input of this process, to its end.
    pub fn stdin(name: impl Into<String>) -> Self {
        Self::reader(name, tokio::io::stdin())
    }

    /// Calls the file something else than on the disk.
    ///
    /// The name arrives as it is given, whatever its script and with quotes or `$` in it. It is refused when it is
    /// empty, `.` or `..`, or has a slash, a backslash or a control character such as a line break.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::path(path)
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<&str> for Source {
    fn from(path: &str) -> Self {
        Self::path(path)
    }
}

impl From<String> for Source {
    fn from(path: String) -> Self {
        Self::path(path)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Source");
        shown.field("name", &self.name);
        match &self.content {
            Content::Path(path) => shown.field("path", path),
            Content::Bytes(bytes) => shown.field("bytes", &bytes.len()),
            Content::Reader { size, .. } => shown.field("size", size),
        };
        shown.finish_non_exhaustive()
    }
}
