//! Tags, the groups of users.

use pachca_api::types;

use super::Row;
use super::checks::{Checks, Outcome};
use super::world::World;

const NAME: &str = "Night shift";
const NEW_NAME: &str = "Night shift, north";

pub const ROWS: &[Row] = rows! {
    POST "/group_tags" => create_tag,
    GET "/group_tags/{id}" => get_tag,
    GET "/group_tags" => list_tags,
    PUT "/group_tags/{id}" => update_tag,
};

pub const LAST: &[Row] = rows! {
    GET "/group_tags/{id}/users" => get_tag_users,
    DELETE "/group_tags/{id}" => delete_tag,
};

async fn create_tag(world: &mut World) -> Outcome {
    let call = world.client.create_tag();
    let answer = call.body_map(|body| body.group_tag(types::GroupTagInput::builder().name(NAME))).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the name", answer.data.name.as_str(), NAME);
    world.tag = answer.data.id;
    checks.end()
}

async fn get_tag(world: &mut World) -> Outcome {
    let answer = world.client.get_tag().id(world.tag).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.tag);
    checks.same("the name", answer.data.name.as_str(), NAME);
    checks.end()
}

async fn list_tags(world: &mut World) -> Outcome {
    let call = || world.client.list_tags().names(vec![NAME.to_owned(), "Gardeners".to_owned()]).limit(1);
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    let ids: Vec<i64> = first.data.iter().map(|tag| tag.id).collect();
    checks.same("the tags of that name", ids, vec![world.tag]);
    checks.holds("the second page repeats nothing", answer.data.is_empty());
    checks.end()
}

async fn update_tag(world: &mut World) -> Outcome {
    let call = world.client.update_tag().id(world.tag);
    let answer = call.body_map(|body| body.group_tag(types::GroupTagInput::builder().name(NEW_NAME))).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.tag);
    checks.same("the name", answer.data.name.as_str(), NEW_NAME);
    checks.end()
}

async fn get_tag_users(world: &mut World) -> Outcome {
    let call = || world.client.get_tag_users().id(world.tag).limit(1);
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("a page is no longer than asked for", first.data.len() <= 1 && answer.data.len() <= 1);
    checks.end()
}

async fn delete_tag(world: &mut World) -> Outcome {
    let answer = world.client.delete_tag().id(world.tag).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        checks.gone("a deleted tag", world.client.get_tag().id(world.tag).send().await);
    }
    checks.end()
}
