//! Searches.

use pachca_api::types;

use super::Row;
use super::chats::NEW_NAME;
use super::checks::{Checks, Outcome};
use super::world::{LARGE_ID, World, far_ahead, long_ago};

pub const ROWS: &[Row] = rows! {
    GET "/search/chats" => search_chats,
    GET "/search/messages" => search_messages,
    GET "/search/users" => search_users,
};

async fn search_chats(world: &mut World) -> Outcome {
    let call = || {
        let call = world.client.search_chats().query(NEW_NAME).limit(1).order(types::SortOrder::Desc);
        let call = call.created_from(long_ago()).created_to(far_ahead()).active(true);
        call.chat_subtype(types::ChatSubtype::Discussion).personal(false)
    };
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the chat is found", first.data.iter().any(|chat| chat.id == world.chat));
    checks.holds("the total counts it", first.meta.total >= 1);
    checks.end()
}

async fn search_messages(world: &mut World) -> Outcome {
    let call = || {
        let call = world.client.search_messages().query("compost").limit(1).order(types::SortOrder::Desc);
        let call = call.sort(types::MessageSearchSort::CreatedAt).created_from(long_ago()).created_to(far_ahead());
        call.chat_ids(vec![world.chat, LARGE_ID]).user_ids(vec![world.me, LARGE_ID]).active(true)
    };
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the message is found", first.data.iter().any(|message| message.id == world.message));
    checks.holds("the total counts it", first.meta.total >= 1);
    checks.holds("a page is no longer than asked for", first.data.len() <= 1 && answer.data.len() <= 1);
    checks.end()
}

async fn search_users(world: &mut World) -> Outcome {
    let call = || {
        let call = world.client.search_users().query("Ilse").limit(1).sort(types::SearchSortOrder::Creation);
        let call = call.order(types::SortOrder::Desc).created_from(long_ago()).created_to(far_ahead());
        call.company_roles(vec![types::UserRole::User, types::UserRole::Admin])
    };
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the user is found", first.data.iter().any(|user| user.id == world.user));
    checks.holds("the total counts the user", first.meta.total >= 1);
    checks.end()
}
