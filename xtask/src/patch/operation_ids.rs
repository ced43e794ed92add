//! `ChatOperations_listChats` becomes `listChats`.

use anyhow::{Result, bail};
use heck::ToSnakeCase;
use serde_json::Value;
use std::collections::BTreeMap;

use super::{Context, Patch};
use crate::document::Document;

pub const PATCH: Patch = Patch {
    name: "operation-ids",
    why: "The part before `_` is an internal group that gets renamed; the part after it is the method's name.",
    apply,
};

fn apply(document: &mut Document, _context: &mut Context<'_>) -> Result<usize> {
    let mut hits = 0;
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    document.visit_operations(|key, operation| {
        let short = key.id.rsplit_once('_').map_or(key.id.as_str(), |(_, short)| short);
        if short.is_empty() {
            bail!("nothing stands after the `_` of the operationId");
        }
        if let Some(other) = seen.insert(short.to_snake_case(), key.to_string()) {
            bail!("after the `_` it has the same operationId, or method name, as {other}");
        }
        if short != key.id {
            operation.insert("operationId".to_owned(), Value::from(short));
            hits += 1;
        }
        Ok(())
    })?;
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use super::PATCH;
    use crate::patch::testing::{assert_stale, refused, run};

    #[test]
    fn the_part_after_the_underscore_stays() {
        let outcome = run(
            &PATCH,
            "
            paths:
              /boxes:
                get: { operationId: BoxOperations_listBoxes, responses: {} }
                post: { operationId: Box_Operations_createBox, responses: {} }
              /pets:
                get: { operationId: listPets, responses: {} }
            ",
        )
        .unwrap();
        assert_eq!(outcome.at("/paths/~1boxes/get/operationId"), "listBoxes");
        assert_eq!(outcome.at("/paths/~1boxes/post/operationId"), "createBox");
        assert_eq!(outcome.at("/paths/~1pets/get/operationId"), "listPets");
        assert_eq!(outcome.hits, 2);
    }

    #[test]
    fn two_operations_with_the_same_part_after_the_underscore_are_refused_by_name() {
        let reason = refused(
            &PATCH,
            "
            paths:
              /boxes: { get: { operationId: Boxes_list, responses: {} } }
              /pets: { get: { operationId: Pets_list, responses: {} } }
            ",
        );
        assert!(reason.contains("GET /boxes (Boxes_list)"), "{reason}");
        assert!(reason.contains("GET /pets (Pets_list)"), "{reason}");
        assert!(reason.contains("same operationId"), "{reason}");
    }

    #[test]
    fn an_id_that_ends_with_the_underscore_is_refused_by_name() {
        let reason = refused(&PATCH, "paths: { /boxes: { get: { operationId: Boxes_, responses: {} } } }");
        assert!(reason.contains("GET /boxes (Boxes_)"), "{reason}");
        assert!(reason.contains("nothing stands after the `_`"), "{reason}");
    }

    #[test]
    fn ids_without_an_underscore_make_it_stale() {
        assert_stale(&PATCH, "paths: { /boxes: { get: { operationId: listBoxes, responses: {} } } }");
    }
}
