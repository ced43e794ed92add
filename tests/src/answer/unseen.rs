//! The rules hold for operations that nobody has seen yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use super::{World, act, body_of};
use crate::check::{Incoming, check};
use crate::document::Document;
use crate::refusal::Refusal;
use crate::resources::Resources;
use crate::router::{Route, find};
use crate::seed::seed;
use crate::store::Store;

const UNSEEN: &str = r##"
openapi: 3.0.0
info: { title: Unseen, version: "1" }
servers: [{ url: "https://unseen.test/v2" }]
paths:
  /people/{id}:
    get:
      operationId: readPerson
      parameters: [{ in: path, name: id, required: true, schema: { type: integer } }]
      responses: { "200": { description: "", content: { application/json: { schema: { $ref: "#/components/schemas/Person" } } } } }
  /drafts:
    post:
      operationId: createDraft
      parameters: [{ in: header, name: X-Mode, schema: { type: string, enum: [fast] } }]
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [text]
              properties:
                text: { type: string }
                count: { type: integer }
                tags: { type: array, items: { type: string } }
      responses: { "202": { description: "", content: { application/json: { schema: { $ref: "#/components/schemas/Draft" } } } } }
  /drafts/{draft}:
    get:
      operationId: readDraft
      parameters: [{ in: path, name: draft, required: true, schema: { type: integer } }]
      responses: { "200": { description: "", content: { application/json: { schema: { $ref: "#/components/schemas/Draft" } } } } }
    patch:
      operationId: changeDraft
      parameters: [{ in: path, name: draft, required: true, schema: { type: integer } }]
      requestBody:
        content: { application/json: { schema: { type: object, properties: { mute: { type: integer, nullable: true, x-explicit-null: true } } } } }
      responses: { "200": { description: "", content: { application/json: { schema: { $ref: "#/components/schemas/Draft" } } } } }
components:
  schemas:
    Person: { type: object, required: [id, name], properties: { id: { type: integer }, name: { type: string } } }
    Draft:
      type: object
      required: [id, text, tags, mute]
      properties:
        id: { type: integer }
        text: { type: string }
        count: { type: integer }
        tags: { type: array, items: { type: string } }
        mute: { type: integer, nullable: true }
"##;

fn world() -> (&'static Document, World) {
    let document: &'static Document = Box::leak(Box::new(Document::parse(UNSEEN).unwrap()));
    let resources = Arc::new(Resources::new(document));
    let mut store = Store::new(document, resources, 1, "http://storage.test".to_owned());
    seed(&mut store);
    (document, World::new(store))
}

async fn call(
    world: &mut World,
    method: &str,
    path: &str,
    headers: &[(&'static str, &'static str)],
    body: &'static str,
) -> Result<Value, Refusal> {
    let document = world.store.document;
    let Route::Found(operation, values) = find(document, method, path) else { panic!("no route for {path}") };
    let mut map = HeaderMap::new();
    map.insert("authorization", "Bearer t".parse().unwrap());
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    let body = Bytes::from_static(body.as_bytes());
    let incoming = Incoming { query: "", headers: &map, body: &body, path: values };
    let asked = check(operation, incoming, "t").await?;
    let answer = act(world, operation, &asked)?;
    Ok(body_of(operation, answer, &world.store)?.unwrap_or_default())
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_form_creates_and_patch_changes() {
    let (document, mut world) = world();
    assert_eq!(document.base_path, "/v2");
    let form = "text=one+two%21&count=3&tags%5B%5D=a&tags%5B%5D=b";
    let draft = call(&mut world, "POST", "/drafts", &[FORM, ("x-mode", "fast")], form).await.unwrap();
    assert_eq!((&draft["text"], &draft["count"], &draft["tags"]), (&json!("one two!"), &json!(3), &json!(["a", "b"])));
    let path = format!("/drafts/{}", draft["id"]);
    let muted = call(&mut world, "PATCH", &path, &[JSON], r#"{"mute":5}"#).await.unwrap();
    assert_eq!(muted["mute"], 5);
    let loud = call(&mut world, "PATCH", &path, &[JSON], r#"{"mute":null}"#).await.unwrap();
    assert_eq!((&loud["mute"], &loud["text"]), (&Value::Null, &draft["text"]));
    assert_eq!(call(&mut world, "PATCH", &path, &[], "").await.unwrap(), loud, "the body may be left out");
    assert_eq!(call(&mut world, "GET", &path, &[], "").await.unwrap(), loud);
}

#[tokio::test]
async fn a_wrong_form_or_header_is_refused() {
    let (_, mut world) = world();
    for form in ["count=3", "text=a&text=b", "text=a&count=x", "text=a&tags=b", "text=a&more=b"] {
        assert!(call(&mut world, "POST", "/drafts", &[FORM], form).await.is_err(), "{form}");
    }
    assert!(call(&mut world, "POST", "/drafts", &[FORM, ("x-mode", "slow")], "text=a").await.is_err());
}

#[tokio::test]
async fn items_without_a_list_are_there_too() {
    let (_, mut world) = world();
    let home = world.store.resources.at("/people").unwrap();
    let path = format!("/people/{}", world.store.first(home));
    assert!(call(&mut world, "GET", &path, &[], "").await.is_ok());
    assert!(call(&mut world, "GET", "/people/1", &[], "").await.is_err());
}

#[test]
fn values_of_a_path_are_decoded() {
    let (document, _) = world();
    let Route::Found(_, values) = find(document, "GET", "/people/a%2Fb") else { panic!("no route") };
    assert_eq!(values, BTreeMap::from([("id".to_owned(), "a/b".to_owned())]));
}
