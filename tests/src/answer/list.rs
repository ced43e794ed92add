//! Lists in pages.

use serde_json::{Value, json};

use super::filter::{self, Filter};
use super::{Answer, invalid, missing};
use crate::check::Asked;
use crate::operation::{Operation, Place};
use crate::pages::{Key, List, Run, rank};
use crate::refusal::Refusal;
use crate::resources::data;
use crate::store::{Entry, Store};

/// The items of a collection that a request asks for.
pub fn collection(store: &mut Store, operation: &Operation, asked: &Asked, home: usize) -> Result<Answer, Refusal> {
    let resources = store.resources.clone();
    if let Some(field) = &resources.collections[home].filter {
        let id = asked.query.get(field).filter(|id| !store.knows(field, id));
        if let Some(id) = id.filter(|_| operation.refusals.contains(&404)) {
            return Err(missing(field, id));
        }
    }
    page(store, operation, asked, Things::Kept(home), resources.collections[home].feed)
}

/// One page of what is left of the entries after filtering and sorting.
pub fn answer(
    store: &mut Store,
    operation: &Operation,
    asked: &Asked,
    entries: Vec<Entry>,
    newest_first: bool,
) -> Result<Answer, Refusal> {
    page(store, operation, asked, Things::Given(entries), newest_first)
}

/// What a list is of.
enum Things {
    /// A collection, with its crowds.
    Kept(usize),
    /// These.
    Given(Vec<Entry>),
}

fn page(
    store: &mut Store,
    operation: &Operation,
    asked: &Asked,
    things: Things,
    newest_first: bool,
) -> Result<Answer, Refusal> {
    let Some((schema, true)) = data(&store.document.schemas, operation) else {
        return Err(Refusal::internal(format!("{} has no list to answer", operation.id)));
    };
    let filter = Filter::new(store, operation, asked, &schema);
    let sort = filter::sort_field(store, operation, asked, &schema);
    let descending = match value(operation, asked, "order") {
        Some(order) => order != "asc",
        None => newest_first || operation.parameter(Place::Query, "order").is_some(),
    };
    let ranked = |item: &Value| sort.as_deref().and_then(|field| item.get(field)).map(rank).unwrap_or_default();
    let (entries, crowds) = match &things {
        Things::Kept(home) => (store.items(*home), store.crowds(*home)),
        Things::Given(entries) => (entries.as_slice(), [].as_slice()),
    };
    let items = entries.iter().filter(|entry| filter.passes(store, &entry.value));
    let items = items.map(|entry| (Key { rank: ranked(&entry.value), order: entry.order }, &entry.value)).collect();
    // All of a crowd are alike, so they pass together, and have one rank unless the list is sorted by their ids.
    let crowds = crowds.iter().filter(|crowd| crowd.len() > 0 && filter.passes(store, crowd.template()));
    let by_id = sort.as_deref() == Some("id");
    let runs = crowds.map(|crowd| Run { crowd, rank: (!by_id).then(|| ranked(crowd.template())) }).collect();
    let name = store.list_name(operation);
    let list = List::new(&name, descending, items, runs);
    if !operation.paginated {
        let values = list.into_values();
        return Ok(Answer::Data(Value::Array(shown(store, values, &schema))));
    }
    let total = list.len();
    let limit = limit(operation, asked)?;
    let cursor = asked.query.get("cursor").and_then(Value::as_str);
    let page = list.page(cursor, limit).map_err(|message| invalid(operation, "cursor", json!(cursor), message))?;
    let meta = if is_search(store, operation, asked) {
        json!({ "total": total, "paginate": { "next_page": page.paginate["next_page"] } })
    } else {
        json!({ "paginate": page.paginate })
    };
    Ok(Answer::Whole(json!({ "data": shown(store, page.data, &schema), "meta": meta })))
}

/// Things in the form in which a list shows them.
fn shown(store: &mut Store, values: Vec<Value>, schema: &Value) -> Vec<Value> {
    values.into_iter().map(|value| store.fit(&value, schema, "").unwrap_or(value)).collect()
}

/// What a query parameter says, or what counts when it is not sent.
pub fn value<'a>(operation: &'a Operation, asked: &'a Asked, name: &str) -> Option<&'a Value> {
    asked.query.get(name).or_else(|| operation.parameter(Place::Query, name)?.default())
}

fn limit(operation: &Operation, asked: &Asked) -> Result<usize, Refusal> {
    let limit = value(operation, asked, "limit").and_then(Value::as_i64).unwrap_or(50);
    match usize::try_from(limit) {
        Ok(limit) if limit > 0 => Ok(limit),
        _ => Err(invalid(operation, "limit", json!(limit), "`limit` must be at least 1".to_owned())),
    }
}

/// Whether the answer counts all hits and knows no way back, as a search does.
///
/// The description says so of searches. A list that takes a `query` over what a search also finds answers that way
/// too as soon as it is given one, which the description does not say.
fn is_search(store: &Store, operation: &Operation, asked: &Asked) -> bool {
    counts(store, operation)
        || asked.query.contains_key("query")
            && store.document.routes().any(|other| {
                other.paginated
                    && counts(store, other)
                    && store.resources.home_of(store.document, other)
                        == store.resources.home_of(store.document, operation)
            })
}

fn counts(store: &Store, operation: &Operation) -> bool {
    let schemas = &store.document.schemas;
    let content = operation.success.content.as_ref();
    let meta = content.and_then(|content| schemas.properties(&content.schema).remove("meta"));
    meta.is_some_and(|meta| schemas.properties(&meta).contains_key("total"))
}
