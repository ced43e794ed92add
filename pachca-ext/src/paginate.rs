//! Walking over lists.

mod trail;

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::ready;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, Stream, StreamExt as _, TryStreamExt as _};
use pachca_api::{Page, Paginated};

use crate::error::{Error, ErrorKind};
pub(crate) use trail::Trail;

/// Streams for every paginated operation.
///
/// ```no_run
/// use futures_util::TryStreamExt as _;
/// use pachca_ext::Paginate as _;
///
/// # async fn example(pachca: pachca_ext::Pachca) -> Result<(), pachca_ext::Error> {
/// let mut users = pachca.list_users().limit(50).items();
/// while let Some(user) = users.try_next().await? {
///     println!("@{}", user.nickname);
/// }
/// # Ok(())
/// # }
/// ```
pub trait Paginate: Paginated {
    /// The items of all pages, one by one. Filters and the limit are kept on every page.
    fn items<'a>(self) -> Items<'a, Self>
    where
        Self: 'a,
    {
        Items { walk: self.pages(), most: None, stream: None }
    }

    /// The pages, each with its position.
    fn pages<'a>(self) -> Pages<'a, Self>
    where
        Self: 'a,
    {
        Pages { walk: Some(Walk::new(self)), ahead: false, stream: None }
    }
}

impl<R: Paginated> Paginate for R {}

/// A stream of the pages of a list. Its settings count until it is polled first.
#[must_use = "nothing is fetched until the stream is polled"]
pub struct Pages<'a, R: Paginated> {
    walk: Option<Walk<R>>,
    ahead: bool,
    stream: Option<BoxStream<'a, Result<Page<R::Item>, Error>>>,
}

impl<R: Paginated> Pages<'_, R> {
    /// Goes from each page to the one before it, by `prev_page`: from the first page on that is what is new.
    pub fn backwards(mut self) -> Self {
        if let Some(walk) = self.walk.take() {
            self.walk = Some(Walk { trail: walk.trail.backwards(), ..walk });
        }
        self
    }

    /// Begins at a cursor that an earlier page of the same session gave; the vendor asks not to keep them longer.
    pub fn from_cursor(mut self, cursor: impl Into<String>) -> Self {
        if let Some(walk) = self.walk.take() {
            self.walk = Some(Walk { trail: walk.trail.at(cursor.into()), ..walk });
        }
        self
    }

    /// Asks for the next page before the current one is handed out, so that the caller's work hides the server's.
    pub fn read_ahead(mut self) -> Self {
        self.ahead = true;
        self
    }
}

// Nothing inside is pinned: the walk is moved out before it is polled.
impl<R: Paginated> Unpin for Pages<'_, R> {}
impl<R: Paginated> Unpin for Items<'_, R> {}

impl<'a, R: Paginated + 'a> Stream for Pages<'a, R> {
    type Item = Result<Page<R::Item>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(walk) = this.walk.take() {
            this.stream = Some(if this.ahead { ahead(walk) } else { one_by_one(walk) });
        }
        match &mut this.stream {
            Some(stream) => stream.poll_next_unpin(context),
            None => Poll::Ready(None),
        }
    }
}

/// A stream of the items of a list. Its settings count until it is polled first.
#[must_use = "nothing is fetched until the stream is polled"]
pub struct Items<'a, R: Paginated> {
    walk: Pages<'a, R>,
    most: Option<usize>,
    stream: Option<BoxStream<'a, Result<R::Item, Error>>>,
}

impl<'a, R: Paginated + 'a> Items<'a, R> {
    /// Ends after so many items. No page is fetched that is not needed for them, unless it is read ahead.
    pub fn max_items(mut self, most: usize) -> Self {
        self.most = Some(most);
        self
    }

    /// As [`Pages::backwards`].
    pub fn backwards(mut self) -> Self {
        self.walk = self.walk.backwards();
        self
    }

    /// As [`Pages::from_cursor`].
    pub fn from_cursor(mut self, cursor: impl Into<String>) -> Self {
        self.walk = self.walk.from_cursor(cursor);
        self
    }

    /// As [`Pages::read_ahead`].
    pub fn read_ahead(mut self) -> Self {
        self.walk = self.walk.read_ahead();
        self
    }

    /// All items in memory, for lists that are known to be small.
    ///
    /// # Errors
    /// The first failure; what came before it is lost.
    pub async fn collect_all(self) -> Result<Vec<R::Item>, Error> {
        self.try_collect().await
    }
}

impl<'a, R: Paginated + 'a> Stream for Items<'a, R> {
    type Item = Result<R::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(walk) = this.walk.walk.take() {
            let pages = Pages { walk: Some(walk), ahead: this.walk.ahead, stream: None };
            let items = pages.map_ok(|page| stream::iter(page.items.into_iter().map(Ok))).try_flatten();
            this.stream = Some(match this.most {
                Some(0) => stream::empty().boxed(),
                Some(most) => items.take(most).boxed(),
                None => items.boxed(),
            });
        }
        match &mut this.stream {
            Some(stream) => stream.poll_next_unpin(context),
            None => Poll::Ready(None),
        }
    }
}

/// A walk over a list.
struct Walk<R> {
    /// The request as the caller made it; each page's is this one with a cursor.
    request: R,
    trail: Trail,
}

impl<R: Paginated> Walk<R> {
    fn new(request: R) -> Self {
        Self { request, trail: Trail::new() }
    }

    /// Fetches the page that the walk stands before, and moves on. Where it cannot go on, the page itself still counts.
    async fn step(mut self) -> Result<(Page<R::Item>, Next<R>), Error> {
        let page = self.trail.page(self.request.clone()).await?;
        let next = match self.trail.advance(&page.position, page.items.len()) {
            Ok(true) => Some(Ok(self)),
            Ok(false) => None,
            Err(reason) => Some(Err(Error::of(
                R::OPERATION,
                ErrorKind::Decoding,
                format_args!("{reason}; the list ends here unfinished"),
            ))),
        };
        Ok((page, next))
    }
}

/// The walk to the next page, or why there is none although more was promised.
type Next<R> = Option<Result<Walk<R>, Error>>;

fn one_by_one<'a, R: Paginated + 'a>(walk: Walk<R>) -> BoxStream<'a, Result<Page<R::Item>, Error>> {
    stream::try_unfold(Some(Ok(walk)), |next: Next<R>| async move {
        match next.transpose()? {
            Some(walk) => walk.step().await.map(Some),
            None => Ok(None),
        }
    })
    .boxed()
}

/// The same, with the next page under way while the current one is with the caller.
fn ahead<'a, R: Paginated + 'a>(walk: Walk<R>) -> BoxStream<'a, Result<Page<R::Item>, Error>> {
    let first = walk.step().boxed();
    stream::try_unfold(Some(first), |step| async move {
        let Some(step) = step else { return Ok(None) };
        let (page, next) = step.await?;
        let mut step = match next {
            None => return Ok(Some((page, None))),
            Some(Ok(walk)) => walk.step().boxed(),
            Some(Err(error)) => ready(Err(error)).boxed(),
        };
        // One poll sends the request; its answer then arrives by itself.
        let early = std::future::poll_fn(|context| Poll::Ready(step.poll_unpin(context))).await;
        if let Poll::Ready(answer) = early {
            step = ready(answer).boxed();
        }
        Ok(Some((page, Some(step))))
    })
    .boxed()
}
