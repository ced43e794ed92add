//! Tasks.

use pachca_api::types;

use super::Row;
use super::checks::{Checks, Outcome, built};
use super::world::{LARGE_ID, World, day};

const CONTENT: &str = "Sharpen the shears";
const NEW_CONTENT: &str = "Sharpen the spade";

pub const ROWS: &[Row] = rows! {
    POST "/tasks" => create_task,
    GET "/tasks/{id}" => get_task,
    GET "/tasks" => list_tasks,
    PUT "/tasks/{id}" => update_task,
};

pub const LAST: &[Row] = rows! {
    DELETE "/tasks/{id}" => delete_task,
};

async fn create_task(world: &mut World) -> Outcome {
    let property = built(types::TaskCreateCustomProperty::builder().id(world.property).value("Shed"))?;
    let task = types::TaskCreate::builder()
        .kind(types::TaskKind::Reminder)
        .content(CONTENT.to_owned())
        .due_at(day(30_000))
        .priority(2_i64)
        .performer_ids(vec![world.user, LARGE_ID])
        .chat_id(world.chat)
        .all_day(true)
        .custom_properties(vec![property]);
    let answer = world.client.create_task().body_map(|body| body.task(task)).send().await?;
    let mut checks = Checks::of(world, &answer);
    is_the_task(&mut checks, &answer.data, world, CONTENT);
    checks.same("the kind", &answer.data.kind, &types::TaskKind::Reminder);
    checks.same("the priority", answer.data.priority, 2);
    checks.same("the chat", answer.data.chat_id, Some(world.chat));
    world.task = answer.data.id;
    checks.end()
}

fn is_the_task(checks: &mut Checks, task: &types::Task, world: &World, content: &str) {
    checks.same("the content", task.content.as_str(), content);
    checks.same("the day", task.due_at, Some(day(30_000)));
    checks.same("who does it", task.performer_ids.as_slice(), [world.user, LARGE_ID]);
    checks.same("the number of properties", task.custom_properties.len(), 1);
}

async fn get_task(world: &mut World) -> Outcome {
    let answer = world.client.get_task().id(world.task).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.task);
    is_the_task(&mut checks, &answer.data, world, CONTENT);
    checks.end()
}

async fn list_tasks(world: &mut World) -> Outcome {
    let call = || world.client.list_tasks().limit(1);
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the length of a page", first.data.len(), 1);
    checks.holds(
        "the second page repeats nothing",
        answer.data.iter().all(|it| first.data.iter().all(|old| old.id != it.id)),
    );
    checks.end()
}

async fn update_task(world: &mut World) -> Outcome {
    let property = built(types::TaskUpdateCustomProperty::builder().id(world.property).value("Barn"))?;
    let task = types::TaskUpdate::builder()
        .kind(types::TaskKind::Event)
        .content(NEW_CONTENT.to_owned())
        .due_at(day(30_000))
        .priority(3_i64)
        .performer_ids(vec![world.user, LARGE_ID])
        .status(types::TaskStatus::Done)
        .all_day(false)
        .done_at(day(20_000))
        .custom_properties(vec![property]);
    let answer = world.client.update_task().id(world.task).body_map(|body| body.task(task)).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.task);
    is_the_task(&mut checks, &answer.data, world, NEW_CONTENT);
    checks.same("the kind", &answer.data.kind, &types::TaskKind::Event);
    checks.same("the state", &answer.data.status, &types::TaskStatus::Done);
    checks.end()
}

async fn delete_task(world: &mut World) -> Outcome {
    let answer = world.client.delete_task().id(world.task).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        checks.gone("a deleted task", world.client.get_task().id(world.task).send().await);
    }
    checks.end()
}
