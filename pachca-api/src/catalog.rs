//! All types of the API, for tools that want to go over them.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::generated::TYPES;
use crate::{Correction, DecodeError, Repair, decode};

/// One type, which stands for a named schema of the description.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    name: &'static str,
    schema: fn(&mut SchemaGenerator) -> Schema,
    reencode: fn(&[u8]) -> Reencoded,
}

/// A document as it is written again, with the places that were put right.
pub type Reencoded = Result<(Value, Vec<Correction>), DecodeError>;

impl Type {
    /// Every type, sorted by name.
    pub fn all() -> &'static [Type] {
        TYPES
    }

    /// The type of a named schema.
    pub fn by_name(name: &str) -> Option<&'static Type> {
        TYPES.iter().find(|entry| entry.name == name)
    }

    pub(crate) const fn of<T: JsonSchema + Serialize + DeserializeOwned + Repair>(name: &'static str) -> Self {
        Self {
            name,
            schema: |generator| T::json_schema(generator),
            reencode: |json| {
                let (value, corrections) = decode::<T>(json)?;
                let value = serde_json::to_value(value);
                value.map(|value| (value, corrections)).map_err(|source| DecodeError { path: String::new(), source })
            },
        }
    }

    /// The name of the schema in the description.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The JSON schema of the Rust type.
    pub fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        (self.schema)(generator)
    }

    /// Reads a document as this type and writes it again; also tells the places that were put right.
    ///
    /// # Errors
    /// As [`decode`].
    pub fn reencode(&self, json: &[u8]) -> Reencoded {
        (self.reencode)(json)
    }
}
