//! Where a description comes from: a file or an address, as text of a bounded size.

use std::fs::File;
use std::io::Read;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// Where the vendor publishes the description.
pub const OFFICIAL_URL: &str = "https://dev.pachca.com/openapi.yaml";

/// The largest description that is read, in bytes. The official one has about 400 KiB.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// How long a fetch may take from the first packet to the last.
const FETCH_TIMEOUT: Duration = Duration::from_secs(60);

/// The text of a description and where it was read from.
#[derive(Debug)]
pub struct Source {
    /// The path or address, for messages.
    pub origin: String,
    /// The text as it was read.
    pub text: String,
}

impl Source {
    /// The SHA-256 of the text, in lowercase hex.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.text))
    }
}

/// Reads `from`, an `http://` or `https://` address or else a path.
///
/// # Errors
/// Says what could not be read and why, in one line.
pub fn load(from: &str) -> Result<Source> {
    let bytes = if from.starts_with("http://") || from.starts_with("https://") { fetch(from)? } else { read(from)? };
    let text = String::from_utf8(bytes)
        .map_err(|error| anyhow::anyhow!("{from}: not UTF-8 text (byte {})", error.utf8_error().valid_up_to()))?;
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        bail!("{from}: this is an HTML or XML page, not an OpenAPI description");
    }
    if text.trim().is_empty() {
        bail!("{from}: the description is empty");
    }
    if !text.ends_with('\n') {
        bail!("{from}: the text ends in the middle of line {}; it was probably cut off", text.lines().count());
    }
    Ok(Source { origin: from.to_owned(), text })
}

fn read(path: &str) -> Result<Vec<u8>> {
    let file = File::open(path).with_context(|| format!("cannot open {path}"))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {path}"))?;
    if bytes.len() > MAX_BYTES {
        bail!(too_large(path));
    }
    Ok(bytes)
}

fn fetch(url: &str) -> Result<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = reqwest::Client::builder()
            .timeout(FETCH_TIMEOUT)
            .user_agent(concat!("pachca-xtask/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let mut response =
            client.get(url).send().await.map_err(|error| anyhow::anyhow!("cannot fetch {url}: {}", reason(error)))?;
        if !response.status().is_success() {
            bail!("cannot fetch {url}: the server answered {}", response.status());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| anyhow::anyhow!("cannot fetch {url}: {}", reason(error)))?
        {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_BYTES {
                bail!(too_large(url));
            }
        }
        Ok(bytes)
    })
}

/// The innermost cause, because the outer layers only repeat the address.
fn reason(error: reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = &error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn too_large(from: &str) -> String {
    format!("{from}: larger than {} MiB, which no description of this API is", MAX_BYTES / 1024 / 1024)
}
