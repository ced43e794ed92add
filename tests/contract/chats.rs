//! Chats and channels.

use pachca_api::types;

use super::Row;
use super::checks::{Checks, Outcome};
use super::world::{LARGE_ID, World, far_ahead, long_ago};

const NAME: &str = "Compost heap";
pub const NEW_NAME: &str = "Compost heap, turned";

pub const ROWS: &[Row] = rows! {
    POST "/chats" => create_chat,
    GET "/chats/{id}" => get_chat,
    GET "/chats" => list_chats,
    PUT "/chats/{id}" => update_chat,
};

pub const LAST: &[Row] = rows! {
    PUT "/chats/{id}/archive" => archive_chat,
    PUT "/chats/{id}/unarchive" => unarchive_chat,
    DELETE "/chats/{id}/leave" => leave_chat,
};

async fn create_chat(world: &mut World) -> Outcome {
    let chat = types::ChatCreate::builder()
        .name(NAME)
        .member_ids(vec![world.me, LARGE_ID])
        .group_tag_ids(vec![world.tag])
        .channel(true)
        .public(true);
    let answer = world.client.create_chat().body_map(|body| body.chat(chat)).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the name", answer.data.name.as_str(), NAME);
    checks.holds("the member is in", answer.data.member_ids.contains(&LARGE_ID));
    checks.same("the tags", answer.data.group_tag_ids.as_slice(), [world.tag]);
    checks.same("whether a channel", answer.data.channel, true);
    checks.same("whether public", answer.data.public, true);
    world.chat = answer.data.id;
    checks.end()
}

async fn get_chat(world: &mut World) -> Outcome {
    let answer = world.client.get_chat().id(world.chat).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.chat);
    checks.same("the name", answer.data.name.as_str(), NAME);
    checks.end()
}

async fn list_chats(world: &mut World) -> Outcome {
    let call = || {
        let call = world.client.list_chats().sort(types::ChatSortField::Id).order(types::SortOrder::Desc);
        let call = call.availability(types::ChatAvailability::IsMember).archived(false).personal(false);
        call.last_message_at_after(long_ago()).last_message_at_before(far_ahead()).limit(1)
    };
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the created chat is the newest", first.data.iter().any(|chat| chat.id == world.chat));
    checks.holds("the second page does not repeat it", answer.data.iter().all(|chat| chat.id != world.chat));
    checks.end()
}

async fn update_chat(world: &mut World) -> Outcome {
    let chat = types::ChatUpdate::builder().name(NEW_NAME.to_owned()).public(false);
    let answer = world.client.update_chat().id(world.chat).body_map(|body| body.chat(chat)).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.chat);
    checks.same("the name", answer.data.name.as_str(), NEW_NAME);
    checks.same("whether public", answer.data.public, false);
    checks.end()
}

async fn archive_chat(world: &mut World) -> Outcome {
    let answer = world.client.archive_chat().id(world.chat).send().await?;
    let mut checks = Checks::of(world, &answer);
    is_archived(world, &mut checks, true).await?;
    checks.end()
}

async fn unarchive_chat(world: &mut World) -> Outcome {
    let answer = world.client.unarchive_chat().id(world.chat).send().await?;
    let mut checks = Checks::of(world, &answer);
    is_archived(world, &mut checks, false).await?;
    checks.end()
}

async fn is_archived(world: &World, checks: &mut Checks, archived: bool) -> Result<(), pachca_api::Error> {
    if world.is_ours() {
        let chat = world.client.get_chat().id(world.chat).send().await?;
        checks.same("whether archived", chat.data.archived, archived);
    }
    Ok(())
}

async fn leave_chat(world: &mut World) -> Outcome {
    let answer = world.client.leave_chat().id(world.chat).send().await?;
    Checks::of(world, &answer).end()
}
