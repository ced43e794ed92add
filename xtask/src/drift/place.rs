//! Where a change stands: for machines, for people, and for being known again.

use crate::document::escape;

/// Whose part a place is; it says which operations a change there reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The whole description, and so all of its operations.
    Document,
    /// These operations, by their labels.
    Operations(Vec<String>),
    /// A named schema, by its names in the older and in the newer description.
    Schema(Option<String>, Option<String>),
}

/// A place in two descriptions at once.
#[derive(Clone, Debug)]
pub struct Place {
    /// Whose part it is.
    pub owner: Owner,
    /// The JSON pointer, in the newer description where that has the place.
    pub pointer: String,
    /// What is known again: no index, no parameter's name in a path.
    pub key: String,
    /// What the trail starts from, as people say it; empty where the trail begins with a name.
    phrase: String,
    trail: String,
}

impl Place {
    /// The whole description, or a part of it.
    pub fn document(pointer: &str, phrase: &str) -> Self {
        Self {
            owner: Owner::Document,
            pointer: format!("#{pointer}"),
            key: phrase.to_owned(),
            phrase: phrase.to_owned(),
            trail: String::new(),
        }
    }

    /// A named schema.
    pub fn schema(old: Option<&str>, new: Option<&str>) -> Self {
        let name = new.or(old).unwrap_or_default();
        Self {
            owner: Owner::Schema(old.map(str::to_owned), new.map(str::to_owned)),
            pointer: format!("#/components/schemas/{}", escape(name)),
            key: format!("schema {name}"),
            phrase: String::new(),
            trail: name.to_owned(),
        }
    }

    /// An operation.
    pub fn operation(label: &str, key: &str, pointer: &str) -> Self {
        Self {
            owner: Owner::Operations(vec![label.to_owned()]),
            pointer: pointer.to_owned(),
            key: key.to_owned(),
            phrase: format!("`{label}`"),
            trail: String::new(),
        }
    }

    /// The names of the schema that it is in.
    pub fn owners(&self) -> (Option<&str>, Option<&str>) {
        match &self.owner {
            Owner::Schema(old, new) => (old.as_deref(), new.as_deref()),
            _ => (None, None),
        }
    }

    /// A part of what has a phrase: `the body` of `` `POST /chats` ``.
    pub fn part(&self, pointer: &str, phrase: &str) -> Self {
        Self {
            pointer: format!("{}{pointer}", self.pointer),
            key: format!("{} {phrase}", self.key),
            phrase: format!("{phrase} of {}", self.phrase),
            ..self.clone()
        }
    }

    /// A step into a value: `.files`, `[]`.
    pub fn step(&self, pointer: &str, step: &str) -> Self {
        let first = self.trail.is_empty();
        Self {
            pointer: format!("{}{pointer}", self.pointer),
            key: format!("{}{step}", self.key),
            trail: if first { step.trim_start_matches('.').to_owned() } else { format!("{}{step}", self.trail) },
            ..self.clone()
        }
    }

    /// A property of an object.
    pub fn property(&self, name: &str) -> Self {
        self.step(&format!("/properties/{}", escape(name)), &format!(".{name}"))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.phrase.is_empty(), self.trail.is_empty()) {
            (true, _) => write!(formatter, "`{}`", self.trail),
            (false, true) => formatter.write_str(&self.phrase),
            (false, false) => write!(formatter, "`{}` in {}", self.trail, self.phrase),
        }
    }
}
