//! Threads.

use super::Row;
use super::checks::{Checks, Outcome};
use super::world::{World, far_ahead, long_ago};

pub const ROWS: &[Row] = rows! {
    POST "/messages/{id}/thread" => create_thread,
    GET "/threads/{id}" => get_thread,
    POST "/threads" => create_standalone_thread,
    GET "/threads" => list_threads,
};

async fn create_thread(world: &mut World) -> Outcome {
    let answer = world.client.create_thread().id(world.message).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the message", answer.data.message_id, Some(world.message));
    checks.holds("the thread has a chat", answer.data.chat_id > 0);
    world.thread = answer.data.id;
    checks.end()
}

async fn get_thread(world: &mut World) -> Outcome {
    let answer = world.client.get_thread().id(world.thread).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.thread);
    checks.same("the message", answer.data.message_id, Some(world.message));
    checks.end()
}

async fn create_standalone_thread(world: &mut World) -> Outcome {
    let answer = world.client.create_standalone_thread().send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("it is another thread", answer.data.id != world.thread);
    checks.same("the message that it hangs on", answer.data.message_id, None);
    checks.holds("its chat has an id beyond 32 bits", answer.data.chat_id > i64::from(i32::MAX));
    checks.end()
}

async fn list_threads(world: &mut World) -> Outcome {
    let call = || {
        let call = world.client.list_threads().last_message_at_after(long_ago());
        call.last_message_at_before(far_ahead()).limit(1)
    };
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("there are threads", !first.data.is_empty());
    checks.holds(
        "the second page repeats nothing",
        answer.data.iter().all(|it| first.data.iter().all(|old| old.id != it.id)),
    );
    checks.end()
}
