//! A file that can be read as often as it has to be sent.

use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tempfile::{NamedTempFile, TempPath};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use super::{Content, Source};
use crate::error::{Error, ErrorKind};

/// How many bytes are read at once, where each read has a price.
pub(crate) const CHUNK: usize = 64 * 1024;

/// A file with a name that can be sent.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) name: String,
    held: Held,
}

#[derive(Debug)]
enum Held {
    Path(PathBuf),
    /// Removed when it is dropped.
    Spooled(TempPath),
    Bytes(Bytes),
}

impl Source {
    /// Checks the name, and copies what can be read only once.
    pub(crate) async fn ready(self) -> Result<Ready, Error> {
        let name = match (self.name, &self.content) {
            (Some(name), _) => name,
            (None, Content::Path(path)) => name_of(path)?,
            (None, _) => String::new(),
        };
        check(&name)?;
        let held = match self.content {
            Content::Path(path) => Held::Path(path),
            Content::Bytes(bytes) => Held::Bytes(bytes),
            Content::Reader { reader, size } => Held::Spooled(spool(reader, size).await.map_err(|e| e.about(&name))?),
        };
        Ok(Ready { name, held })
    }
}

impl Ready {
    /// Opens the file at its start, and tells its size in bytes.
    pub(crate) async fn open(&self) -> Result<(Box<dyn AsyncRead + Send + Unpin>, u64), Error> {
        let path: &Path = match &self.held {
            Held::Bytes(bytes) => return Ok((Box::new(Cursor::new(bytes.clone())), bytes.len() as u64)),
            Held::Path(path) => path,
            Held::Spooled(path) => path,
        };
        let failed = |error| Error::io(format!("cannot read {}", path.display()), error);
        // Opening a pipe would wait for whoever writes to it.
        let is_file = tokio::fs::metadata(path).await.map_err(failed)?.is_file();
        if !is_file {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                format!("{} is not a file; give what it holds as a reader", path.display()),
            ));
        }
        let file = File::open(path).await.map_err(failed)?;
        let size = file.metadata().await.map_err(failed)?.len();
        Ok((Box::new(file), size))
    }
}

fn name_of(path: &Path) -> Result<String, Error> {
    let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    name.ok_or_else(|| {
        Error::new(ErrorKind::InvalidRequest, format!("{path:?} does not end in a name of Unicode text; give one"))
    })
}

/// Refuses what would be another path in the storage, or another header in the form.
fn check(name: &str) -> Result<(), Error> {
    let bad = |c: char| matches!(c, '/' | '\\') || c.is_control();
    if matches!(name, "" | "." | "..") || name.contains(bad) {
        let message = format!("\"{}\" cannot be the name of a file; a name has no", name.escape_debug());
        let message = format!("{message} slashes, line breaks or other control characters");
        return Err(Error::new(ErrorKind::InvalidRequest, message));
    }
    Ok(())
}

/// Copies what can be read only once to a temporary file.
async fn spool(reader: impl AsyncRead + Unpin, size: Option<u64>) -> Result<TempPath, Error> {
    let failed = |error| Error::io("cannot write a temporary file", error);
    let made = tokio::task::spawn_blocking(NamedTempFile::new).await.map_err(io::Error::other).flatten();
    let (file, path) = made.map_err(failed)?.into_parts();
    let mut file = File::from_std(file);
    // One byte more than expected tells that there is more.
    let most = size.map_or(u64::MAX, |size| size.saturating_add(1));
    let mut reader = BufReader::with_capacity(CHUNK, reader.take(most));
    let mut copied = 0;
    loop {
        let buffer = reader.fill_buf().await.map_err(|error| Error::io("cannot read what is to be sent", error))?;
        if buffer.is_empty() {
            break;
        }
        file.write_all(buffer).await.map_err(failed)?;
        let read = buffer.len();
        reader.consume(read);
        copied += read as u64;
    }
    file.flush().await.map_err(failed)?;
    match size {
        Some(size) if copied != size => {
            let gave = if copied > size { "more".to_owned() } else { copied.to_string() };
            let message = format!("{size} bytes were announced and the reader gave {gave}");
            Err(Error::new(ErrorKind::InvalidRequest, message))
        }
        _ => Ok(path),
    }
}
