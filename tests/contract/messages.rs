//! Messages.

use std::collections::BTreeMap;

use pachca_api::types;

use super::Row;
use super::checks::{Checks, Failure, Outcome, built};
use super::files::FILE_NAME;
use super::world::{LARGE_ID, World};

pub const CONTENT: &str = "Who turns the compost on Friday?";
const NEW_CONTENT: &str = "Who turns the compost on Saturday?";
const SHOWN_NAME: &str = "The scarecrow";
const SHOWN_AVATAR: &str = "https://garden.example/scarecrow.png";

pub const ROWS: &[Row] = rows! {
    POST "/messages" => create_message,
    GET "/messages/{id}" => get_message,
    GET "/messages" => list_chat_messages,
    PUT "/messages/{id}" => update_message,
    POST "/messages/{id}/pin" => pin_message,
    POST "/messages/{id}/link_previews" => unfurl,
    GET "/messages/{id}/read_member_ids" => list_read_members,
};

pub const LAST: &[Row] = rows! {
    DELETE "/messages/{id}/pin" => unpin_message,
    DELETE "/messages/{id}" => delete_message,
};

/// One row of two buttons, because a button has either an address or data.
fn buttons(data: &str) -> Result<Vec<Vec<types::Button>>, Failure> {
    let plan = types::Button::builder().text("Plan").url("https://garden.example/plan".to_owned());
    let me = types::Button::builder().text("I do").data(data.to_owned());
    Ok(vec![vec![built(plan)?, built(me)?]])
}

/// Asserts that the buttons of a message are the ones of [`buttons`].
fn are_the_buttons(checks: &mut Checks, message: &types::Message, data: &str) {
    let row = message.buttons.iter().flatten().next().map(Vec::as_slice).unwrap_or_default();
    checks.same("the number of buttons", row.len(), 2);
    checks.same("the data of the button", row.last().and_then(|button| button.data.as_deref()), Some(data));
}

async fn create_message(world: &mut World) -> Outcome {
    let file = types::MessageCreateFile::builder()
        .key(&world.file_key)
        .name(FILE_NAME)
        .file_type(types::FileType::File)
        // Larger than a 32-bit integer holds, as files may be.
        .size(3_100_000_017_i64)
        .width(640_i64)
        .height(480_i64)
        .duration_ms(1_500_i64)
        .waveform("0,4,9,4,0".to_owned());
    let message = types::MessageCreate::builder()
        .entity_type(types::MessageEntityType::Discussion)
        .entity_id(world.chat)
        .content(CONTENT)
        .files(vec![built(file)?])
        .buttons(buttons("mine")?)
        .parent_message_id(LARGE_ID)
        .display_avatar_url(SHOWN_AVATAR.to_owned())
        .display_name(SHOWN_NAME.to_owned())
        .skip_invite_mentions(true);
    let answer = world.client.create_message().body_map(|body| body.message(message).link_preview(true)).send().await?;
    let mut checks = Checks::of(world, &answer);
    is_the_message(&mut checks, &answer.data, world, CONTENT);
    are_the_buttons(&mut checks, &answer.data, "mine");
    checks.same("what it replies to", answer.data.parent_message_id, Some(LARGE_ID));
    world.message = answer.data.id;
    checks.end()
}

fn is_the_message(checks: &mut Checks, message: &types::Message, world: &World, content: &str) {
    checks.same("the content", message.content.as_str(), content);
    checks.same("the kind of place", &message.entity_type, &types::MessageEntityType::Discussion);
    checks.same("the place", message.entity_id, world.chat);
    checks.same("the shown name", message.display_name.as_deref(), Some(SHOWN_NAME));
    checks.same("the shown avatar", message.display_avatar_url.as_deref(), Some(SHOWN_AVATAR));
    let files: Vec<_> = message.files.iter().map(|file| (file.key.as_str(), file.name.as_str())).collect();
    checks.same("the files", files, vec![(world.file_key.as_str(), FILE_NAME)]);
}

async fn get_message(world: &mut World) -> Outcome {
    let answer = world.client.get_message().id(world.message).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.message);
    is_the_message(&mut checks, &answer.data, world, CONTENT);
    checks.end()
}

async fn list_chat_messages(world: &mut World) -> Outcome {
    let call = || {
        let call = world.client.list_chat_messages().chat_id(world.chat).sort(types::MessageSortField::Id);
        call.order(types::SortOrder::Desc).limit(1)
    };
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the created message is the newest", first.data.iter().any(|message| message.id == world.message));
    checks.holds("the second page does not repeat it", answer.data.iter().all(|message| message.id != world.message));
    checks.end()
}

async fn update_message(world: &mut World) -> Outcome {
    let file = types::MessageUpdateFile::builder()
        .key(&world.file_key)
        .name(FILE_NAME)
        .file_type(types::FileType::Image)
        .size(3_100_000_018_i64)
        .width(320_i64)
        .height(240_i64)
        .duration_ms(2_500_i64)
        .waveform("0,9,0".to_owned());
    let message = types::MessageUpdate::builder()
        .content(NEW_CONTENT.to_owned())
        .files(vec![built(file)?])
        .buttons(buttons("still mine")?)
        .display_avatar_url(SHOWN_AVATAR.to_owned())
        .display_name(SHOWN_NAME.to_owned());
    let answer = world.client.update_message().id(world.message).body_map(|body| body.message(message)).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.message);
    is_the_message(&mut checks, &answer.data, world, NEW_CONTENT);
    are_the_buttons(&mut checks, &answer.data, "still mine");
    checks.end()
}

async fn pin_message(world: &mut World) -> Outcome {
    let answer = world.client.pin_message().id(world.message).send().await?;
    Checks::of(world, &answer).end()
}

async fn unpin_message(world: &mut World) -> Outcome {
    let answer = world.client.unpin_message().id(world.message).send().await?;
    Checks::of(world, &answer).end()
}

async fn unfurl(world: &mut World) -> Outcome {
    // A picture is either somewhere else or uploaded, so there are two previews.
    let elsewhere = types::LinkPreview::builder()
        .title("Worms")
        .description("What they eat")
        .image_url("https://garden.example/worm.png".to_owned());
    let image = types::LinkPreviewImage::builder().key(&world.file_key).name(FILE_NAME).size(2_048_i64);
    let uploaded = types::LinkPreview::builder()
        .title("Plan")
        .description("Of the beds")
        .image(built::<_, types::LinkPreviewImage>(image)?);
    let previews = BTreeMap::from([
        ("https://garden.example/worms".to_owned(), built(elsewhere)?),
        ("https://garden.example/plan".to_owned(), built(uploaded)?),
    ]);
    let call = world.client.unfurl().id(world.message);
    let answer = call.body_map(|body| body.link_previews(previews)).send().await?;
    Checks::of(world, &answer).end()
}

async fn list_read_members(world: &mut World) -> Outcome {
    let call = || world.client.list_read_members().id(world.message).limit(300);
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("there is a cursor on the last page too", !answer.meta.paginate.next_page.is_empty());
    checks.end()
}

async fn delete_message(world: &mut World) -> Outcome {
    let answer = world.client.delete_message().id(world.message).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        checks.gone("a deleted message", world.client.get_message().id(world.message).send().await);
    }
    checks.end()
}
