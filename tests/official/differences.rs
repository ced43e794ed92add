//! Where a correct request differs from the official description.
//!
//! Each stands among the facts about the service (FACTS.md). Anything else that differs
//! is a mistake of ours, and one that is never met is not a difference any more.

/// A difference by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    BracketedLists,
    LargeIntegers,
    ShortTimes,
    UploadAddress,
}

/// Every difference that is known, and why the requests are right and not the description.
pub const KNOWN: [(Difference, &str); 4] = [
    (
        Difference::BracketedLists,
        "The description joins lists in a query by commas or repeats their name; the server reads `name[]=` only.",
    ),
    (
        Difference::LargeIntegers,
        "The description limits nearly every id to 32 bits; thread chats have ids beyond that, and files are larger.",
    ),
    (
        Difference::ShortTimes,
        "The description wants the time of a form's field with seconds and zone; the service itself uses `06:30`.",
    ),
    (
        Difference::UploadAddress,
        "The description has a path `/direct_url`; it stands for the absolute address that `POST /uploads` answers.",
    ),
];

/// Something about one request that the official description does not allow.
#[derive(Debug)]
pub struct Finding {
    /// The known difference that it is, if it is one.
    pub difference: Option<Difference>,
    /// What is wrong.
    pub what: String,
}

impl Finding {
    /// A mistake of ours.
    pub fn mistake(what: impl Into<String>) -> Self {
        Self { difference: None, what: what.into() }
    }

    pub fn known(difference: Difference, what: impl Into<String>) -> Self {
        Self { difference: Some(difference), what: what.into() }
    }
}
