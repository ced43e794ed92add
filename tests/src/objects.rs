//! The object store that uploads go to and downloads come from.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};

use crate::check::{Part, parts};

/// The greatest form that is taken.
pub const FORM_LIMIT: usize = 64 << 20;

/// What stands in a key for the name of the file.
pub const FILE_NAME: &str = "${filename}";

/// The field of an address that shows that it was given out.
pub const SIGNATURE: &str = "X-Amz-Signature";

/// The objects and who may add to them.
#[derive(Debug, Default)]
pub struct Objects {
    stored: BTreeMap<String, Bytes>,
    grants: Vec<Grant>,
    /// The signatures with which a key can be read, for keys that can't be read without.
    signatures: BTreeMap<String, BTreeSet<String>>,
}

/// A permission to upload one file, as it was handed out.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The fields of the form and their values, in the order in which they must come.
    pub fields: Vec<(String, String)>,
    /// The field that holds the file, which comes last.
    pub file: String,
}

/// A refusal of the object store.
#[derive(Debug, PartialEq, Eq)]
pub struct Denied {
    /// The status.
    pub status: u16,
    /// The store's own code.
    pub code: &'static str,
    /// The rule that was broken.
    pub message: String,
}

impl Denied {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The answer, which is XML as object stores send it.
    pub fn xml(&self) -> String {
        let message = self.message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{message}</Message></Error>",
            self.code
        )
    }
}

impl Objects {
    /// Permits one upload.
    pub fn permit(&mut self, grant: Grant) {
        self.grants.push(grant);
    }

    /// Stores an object.
    pub fn put(&mut self, key: &str, content: Bytes) {
        self.stored.insert(key.to_owned(), content);
    }

    /// Lets an object be read with this signature, and not without any.
    pub fn sign(&mut self, key: &str, signature: String) {
        self.signatures.entry(key.to_owned()).or_default().insert(signature);
    }

    /// Lets no signature be good any more.
    pub fn expire(&mut self) {
        self.signatures.values_mut().for_each(BTreeSet::clear);
    }

    /// A stored object.
    pub fn get(&self, key: &str) -> Option<Bytes> {
        self.stored.get(key).cloned()
    }

    /// Answers a download.
    pub fn download(&self, headers: &HeaderMap, key: &str, query: &str) -> Result<Bytes, Denied> {
        deny_token(headers)?;
        let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == SIGNATURE);
        match (self.signatures.get(key), given) {
            (Some(good), Some((_, given))) if !good.contains(given.as_ref()) => {
                return Err(Denied::new(403, "AccessDenied", "Request has expired"));
            }
            (Some(_), None) => return Err(Denied::new(403, "AccessDenied", format!("`{SIGNATURE}` is missing"))),
            _ => {}
        }
        self.get(key).ok_or_else(|| Denied::new(404, "NoSuchKey", format!("There is no object `{key}`")))
    }

    /// Checks a form that was read with [`read`] and stores its file.
    pub fn upload(&mut self, form: Vec<Part>) -> Result<(), Denied> {
        // Only fields that are not replaced by the client tell one grant from another.
        let grant = self.grants.iter().find(|grant| {
            let fixed = grant.fields.iter().filter(|(_, value)| !value.contains(FILE_NAME));
            fixed.clone().any(|(name, _)| name == "policy")
                && fixed
                    .filter(|(name, _)| name == "policy")
                    .all(|(name, value)| form.iter().any(|part| part.name == *name && part.content == value.as_bytes()))
        });
        let grant = grant.ok_or_else(|| Denied::new(403, "AccessDenied", "The policy was not given out here"))?;
        let (file, fields) = checked(grant, &form)?;
        let key = fields.into_iter().find(|(name, _)| *name == "key").map(|(_, value)| value);
        let key = key.ok_or_else(|| Denied::new(400, "UserKeyMustBeSpecified", "The field `key` is missing"))?;
        self.stored.insert(key, file);
        Ok(())
    }
}

/// Reads the form of an upload.
///
/// # Errors
/// When headers or form are not what an object store takes.
pub async fn read(headers: &HeaderMap, body: Bytes) -> Result<Vec<Part>, Denied> {
    deny_token(headers)?;
    if !headers.contains_key(CONTENT_LENGTH) {
        return Err(Denied::new(411, "MissingContentLength", "The header Content-Length is missing"));
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        let message = format!("The Content-Type must be multipart/form-data and is `{kind}`");
        return Err(Denied::new(400, "InvalidArgument", message));
    }
    parts(headers, body).await.map_err(|error| Denied::new(400, "MalformedPOSTRequest", error))
}

fn deny_token(headers: &HeaderMap) -> Result<(), Denied> {
    if headers.contains_key(AUTHORIZATION) {
        return Err(Denied::new(
            400,
            "InvalidArgument",
            "The header Authorization must not be sent to the object store",
        ));
    }
    Ok(())
}

type Fields<'a> = Vec<(&'a str, String)>;

/// The file and the fields of a form that is exactly what was permitted.
fn checked<'a>(grant: &'a Grant, form: &[Part]) -> Result<(Bytes, Fields<'a>), Denied> {
    let argument = |message: String| Denied::new(400, "InvalidArgument", message);
    let Some((last, before)) = form.split_last() else {
        return Err(argument("The form is empty".to_owned()));
    };
    if last.name != grant.file {
        return Err(argument(format!("The last field must be `{}` and is `{}`", grant.file, last.name)));
    }
    let Some(file_name) = last.file_name.as_deref().filter(|name| !name.is_empty()) else {
        return Err(argument(format!("The field `{}` must be a file with a file name", grant.file)));
    };
    let mut fields = Vec::new();
    for (index, (name, value)) in grant.fields.iter().enumerate() {
        let Some(part) = before.get(index) else {
            return Err(argument(format!("The field `{name}` is missing")));
        };
        if part.name != *name {
            return Err(argument(format!("Field {} must be `{name}` and is `{}`", index + 1, part.name)));
        }
        if part.file_name.is_some() {
            return Err(argument(format!("The field `{name}` must not be a file")));
        }
        let wanted = value.replace(FILE_NAME, file_name);
        if part.content != wanted.as_bytes() {
            let message = match value.contains(FILE_NAME) {
                true => format!("`{name}` must be `{value}` with the file's name `{file_name}` in it"),
                false => format!("`{name}` is not what was given out"),
            };
            return Err(Denied::new(403, "SignatureDoesNotMatch", message));
        }
        fields.push((name.as_str(), wanted));
    }
    if let Some(extra) = before.get(grant.fields.len()) {
        return Err(argument(format!("The field `{}` is not permitted", extra.name)));
    }
    Ok((last.content.clone(), fields))
}
