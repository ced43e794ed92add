//! What may be given for a value that need not be given.

use std::fmt::Display;

/// Something that a setter of an optional value takes: whatever converts into the value, or an `Option` of that.
///
/// `M` only tells the two apart and is always inferred.
///
/// ```
/// use pachca_api::types::MessageUpdate;
///
/// let named: Option<String> = None;
/// let change = MessageUpdate::builder().content("Hello").display_name(named);
/// ```
pub trait Optional<T, M> {
    /// Converts what was given.
    ///
    /// # Errors
    /// Says why it cannot be converted.
    fn optional(self) -> Result<Option<T>, String>;
}

/// Marks a value that was given as it is.
#[derive(Debug)]
pub enum Plain {}

/// Marks a value that was given as an `Option`.
#[derive(Debug)]
pub enum Wrapped {}

impl<T, V> Optional<T, Plain> for V
where
    V: TryInto<T>,
    V::Error: Display,
{
    fn optional(self) -> Result<Option<T>, String> {
        self.try_into().map(Some).map_err(|error| error.to_string())
    }
}

impl<T, V> Optional<T, Wrapped> for Option<V>
where
    V: TryInto<T>,
    V::Error: Display,
{
    fn optional(self) -> Result<Option<T>, String> {
        self.map(TryInto::try_into).transpose().map_err(|error| error.to_string())
    }
}
