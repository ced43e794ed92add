//! Finding a chat or a user by name.

use futures_util::TryStreamExt as _;
use pachca_api::types::{Chat, User};
use pachca_api::{Paginated as _, builder};

use crate::client::Pachca;
use crate::error::{Error, ErrorKind};
use crate::paginate::Paginate as _;

/// How many items the API gives in a page of a list, at most.
const LIST_LIMIT: i64 = 50;

/// How many items the API gives in a page of a search for chats, at most.
const SEARCH_LIMIT: i64 = 100;

/// How many of several matches an error names.
const NAMED: usize = 5;

impl Pachca {
    /// The chat or channel with a name, by the vendor's search, which needs the scope `search:chats`.
    ///
    /// The whole name counts, capital letters do not unless they tell two chats apart.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when no chat has the name, [`ErrorKind::Ambiguous`] with their ids when several have it,
    /// and those of `search_chats`.
    pub async fn find_chat(&self, name: &str) -> Result<Chat, Error> {
        let mut found = Found::new(builder::SearchChats::OPERATION, "chat", name)?;
        let mut chats = self.search_chats().query(found.name).limit(SEARCH_LIMIT).items();
        while let Some(chat) = chats.try_next().await? {
            found.look_at(chat, |chat, wanted| wanted.is(&chat.name));
        }
        found.only(|chat| chat.id)
    }

    /// The user with a name: the user name, with or without `@`, or the first and the last name in either order. Needs
    /// the scope `users:read`.
    ///
    /// The whole name counts, capital letters do not unless they tell two users apart.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when no user has the name, [`ErrorKind::Ambiguous`] with their ids when several have it,
    /// and those of `list_users`.
    pub async fn find_user(&self, name: &str) -> Result<User, Error> {
        let (nickname_only, name) = match name.trim().strip_prefix('@') {
            Some(nickname) => (true, nickname),
            None => (false, name),
        };
        let mut found = Found::new(builder::ListUsers::OPERATION, "user", name)?;
        // The filter looks at one field at a time, so that it would find nobody by two names.
        let word = found.name.split_whitespace().max_by_key(|word| word.chars().count()).unwrap_or(found.name);
        let mut users = self.list_users().query(word).limit(LIST_LIMIT).items();
        while let Some(user) = users.try_next().await? {
            found.look_at(user, |user, wanted| {
                let first = user.first_name.as_deref().unwrap_or_default();
                let last = user.last_name.as_deref().unwrap_or_default();
                let full = [format!("{first} {last}"), format!("{last} {first}")];
                wanted.is(&user.nickname) || !nickname_only && full.iter().any(|full| wanted.is(full))
            });
        }
        found.only(|user| user.id)
    }
}

/// What has a wanted name, as far as is known.
struct Found<'a, T> {
    operation: &'static str,
    what: &'static str,
    name: &'a str,
    exact: Vec<T>,
    similar: Vec<T>,
}

impl<'a, T> Found<'a, T> {
    fn new(operation: &'static str, what: &'static str, name: &'a str) -> Result<Self, Error> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Error::of(operation, ErrorKind::InvalidRequest, format_args!("no {what} has an empty name")));
        }
        Ok(Self { operation, what, name, exact: Vec::new(), similar: Vec::new() })
    }

    /// Keeps an item if its name is the wanted one.
    fn look_at(&mut self, item: T, is_it: impl Fn(&T, &Wanted<'_>) -> bool) {
        if is_it(&item, &Wanted { name: self.name, exactly: true }) {
            self.exact.push(item);
        } else if is_it(&item, &Wanted { name: self.name, exactly: false }) {
            self.similar.push(item);
        }
    }

    /// The one item that has the name.
    fn only(self, id: impl Fn(&T) -> i64) -> Result<T, Error> {
        let Self { operation, what, name, exact, similar } = self;
        let mut matches = if exact.is_empty() { similar } else { exact };
        match (matches.pop(), matches.as_slice()) {
            (None, _) => Err(Error::of(operation, ErrorKind::NotFound, format_args!("no {what} is named {name:?}"))),
            (Some(one), []) => Ok(one),
            (Some(last), others) => {
                let mut ids: Vec<String> =
                    others.iter().chain([&last]).take(NAMED).map(|item| id(item).to_string()).collect();
                if others.len() + 1 > NAMED {
                    ids.push("…".to_owned());
                }
                let (count, ids) = (others.len() + 1, ids.join(", "));
                let message = format_args!("{count} {what}s are named {name:?}, choose one by its id: {ids}");
                Err(Error::of(operation, ErrorKind::Ambiguous, message))
            }
        }
    }
}

/// A name to compare with.
struct Wanted<'a> {
    name: &'a str,
    exactly: bool,
}

impl Wanted<'_> {
    fn is(&self, name: &str) -> bool {
        let name = name.trim();
        name == self.name || !self.exactly && name.to_lowercase() == self.name.to_lowercase()
    }
}
