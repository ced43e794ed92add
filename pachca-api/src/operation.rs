//! What the description says about each operation.

use crate::generated::OPERATIONS;

/// One operation of the API, as a layer around the transport sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The name of the generated method, such as `list_chats`.
    pub name: &'static str,
    /// The HTTP method in upper case.
    pub method: &'static str,
    /// The path template, without ids.
    pub path: &'static str,
    /// The scope that the token needs.
    pub scope: Option<&'static str>,
    /// The plan that the workspace needs.
    pub plan: Option<&'static str>,
    /// Whether the token is sent.
    pub authenticated: bool,
    /// Whether the answer is one page of a list.
    pub paginated: bool,
}

impl Operation {
    /// Every operation, sorted by name.
    pub fn all() -> &'static [Operation] {
        OPERATIONS
    }

    /// The operation of a name.
    pub fn by_name(name: &str) -> Option<&'static Operation> {
        let index = OPERATIONS.binary_search_by(|operation| operation.name.cmp(name)).ok()?;
        OPERATIONS.get(index)
    }
}
