//! Who is in a chat: users, and tags with all of their users.

use pachca_api::types;

use super::Row;
use super::checks::{Checks, Outcome};
use super::world::{LARGE_ID, World};

pub const ROWS: &[Row] = rows! {
    POST "/chats/{id}/members" => add_members,
    GET "/chats/{id}/members" => list_members,
    PUT "/chats/{id}/members/{user_id}" => update_member_role,
    POST "/chats/{id}/group_tags" => add_tags,
};

pub const LAST: &[Row] = rows! {
    DELETE "/chats/{id}/group_tags/{tag_id}" => remove_tag,
    DELETE "/chats/{id}/members/{user_id}" => remove_member,
};

/// Asserts whether the chat has a member.
async fn has_member(world: &World, checks: &mut Checks, id: i64, has: bool) -> Result<(), pachca_api::Error> {
    if world.is_ours() {
        let chat = world.client.get_chat().id(world.chat).send().await?;
        checks.same("membership", chat.data.member_ids.contains(&id), has);
    }
    Ok(())
}

/// Asserts whether the chat has the tag.
async fn has_tag(world: &World, checks: &mut Checks, has: bool) -> Result<(), pachca_api::Error> {
    if world.is_ours() {
        let chat = world.client.get_chat().id(world.chat).send().await?;
        checks.same("having the tag", chat.data.group_tag_ids.contains(&world.tag), has);
    }
    Ok(())
}

async fn add_members(world: &mut World) -> Outcome {
    let call = world.client.add_members().id(world.chat);
    let answer = call.body_map(|body| body.member_ids(vec![world.user, LARGE_ID]).silent(true)).send().await?;
    let mut checks = Checks::of(world, &answer);
    has_member(world, &mut checks, LARGE_ID, true).await?;
    checks.end()
}

async fn list_members(world: &mut World) -> Outcome {
    let call = || world.client.list_members().id(world.chat).role(types::ChatMemberRoleFilter::All).limit(1);
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("there are members", !first.data.is_empty());
    checks.end()
}

async fn update_member_role(world: &mut World) -> Outcome {
    let call = world.client.update_member_role().id(world.chat).user_id(world.user);
    let answer = call.body_map(|body| body.role(types::ChatMemberRole::Editor)).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        let editors =
            world.client.list_members().id(world.chat).role(types::ChatMemberRoleFilter::Editor).send().await?;
        checks.holds("the user is an editor", editors.data.iter().any(|user| user.id == world.user));
    }
    checks.end()
}

async fn add_tags(world: &mut World) -> Outcome {
    let call = world.client.add_tags().id(world.chat);
    let answer = call.body_map(|body| body.group_tag_ids(vec![world.tag])).send().await?;
    let mut checks = Checks::of(world, &answer);
    has_tag(world, &mut checks, true).await?;
    checks.end()
}

async fn remove_tag(world: &mut World) -> Outcome {
    let answer = world.client.remove_tag().id(world.chat).tag_id(world.tag).send().await?;
    let mut checks = Checks::of(world, &answer);
    has_tag(world, &mut checks, false).await?;
    checks.end()
}

async fn remove_member(world: &mut World) -> Outcome {
    let answer = world.client.remove_member().id(world.chat).user_id(world.user).send().await?;
    let mut checks = Checks::of(world, &answer);
    has_member(world, &mut checks, world.user, false).await?;
    checks.end()
}
