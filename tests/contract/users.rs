//! Users, with their avatars and statuses.

use pachca_api::reqwest::multipart::Part;
use pachca_api::types;

use super::Row;
use super::checks::{Checks, Failure, Outcome, built};
use super::world::{World, far_ahead};

const FIRST_NAME: &str = "Ilse";
const LAST_NAME: &str = "Brandt";
const EMAIL: &str = "ilse.brandt@garden.example";
const NICKNAME: &str = "ilse_b";
const NEW_EMAIL: &str = "ilse.winter@garden.example";
const DESK: &str = "Third floor, by the window";
const AWAY: &str = "In the greenhouse";

pub const ROWS: &[Row] = rows! {
    POST "/users" => create_user,
    GET "/users/{id}" => get_user,
    GET "/users" => list_users,
    PUT "/users/{id}" => update_user,
    PUT "/users/{user_id}/avatar" => update_user_avatar,
    PUT "/users/{user_id}/status" => update_user_status,
    GET "/users/{user_id}/status" => get_user_status,
};

pub const LAST: &[Row] = rows! {
    DELETE "/users/{user_id}/status" => delete_user_status,
    DELETE "/users/{user_id}/avatar" => delete_user_avatar,
    DELETE "/users/{id}" => delete_user,
};

async fn create_user(world: &mut World) -> Outcome {
    let property = built(types::UserCreateCustomProperty::builder().id(world.property).value(DESK))?;
    let user = types::UserCreate::builder()
        .first_name(FIRST_NAME.to_owned())
        .last_name(LAST_NAME.to_owned())
        .email(EMAIL)
        .phone_number("+4930123456".to_owned())
        .nickname(NICKNAME.to_owned())
        .department("Greenhouse".to_owned())
        .title("Head gardener".to_owned())
        .role(types::UserCreateRole::MultiGuest)
        .suspended(false)
        .list_tags(vec!["Gardeners".to_owned()])
        .chat_ids(vec![world.chat])
        .custom_properties(vec![property]);
    let answer = world.client.create_user().body_map(|body| body.user(user).skip_email_notify(true)).send().await?;
    let mut checks = Checks::of(world, &answer);
    is_the_user(&mut checks, &answer.data, EMAIL);
    checks.same("the role", &answer.data.role, &types::UserRole::MultiGuest);
    world.user = answer.data.id;
    checks.end()
}

fn is_the_user(checks: &mut Checks, user: &types::User, email: &str) {
    checks.same("the first name", user.first_name.as_deref(), Some(FIRST_NAME));
    checks.same("the last name", user.last_name.as_deref(), Some(LAST_NAME));
    checks.same("the e-mail", user.email.as_deref(), Some(email));
    checks.same("the nickname", user.nickname.as_str(), NICKNAME);
    checks.same("whether suspended", user.suspended, false);
    checks.same("the tags", user.list_tags.as_slice(), ["Gardeners"]);
    checks.same("the number of properties", user.custom_properties.len(), 1);
}

async fn get_user(world: &mut World) -> Outcome {
    let answer = world.client.get_user().id(world.user).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.user);
    is_the_user(&mut checks, &answer.data, EMAIL);
    checks.end()
}

async fn list_users(world: &mut World) -> Outcome {
    let call = || world.client.list_users().query(FIRST_NAME).limit(1);
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the created user is found", first.data.iter().any(|user| user.id == world.user));
    checks.end()
}

async fn update_user(world: &mut World) -> Outcome {
    let property = built(types::UserUpdateCustomProperty::builder().id(world.property).value("Outside"))?;
    let user = types::UserUpdate::builder()
        .first_name(FIRST_NAME.to_owned())
        .last_name(LAST_NAME.to_owned())
        .email(NEW_EMAIL.to_owned())
        .phone_number("+4930654321".to_owned())
        .nickname(NICKNAME.to_owned())
        .department("Orchard".to_owned())
        .title("Beekeeper".to_owned())
        .role(types::UserRoleInput::User)
        .suspended(false)
        .list_tags(vec!["Gardeners".to_owned()])
        .custom_properties(vec![property]);
    let answer = world.client.update_user().id(world.user).body_map(|body| body.user(user)).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the id", answer.data.id, world.user);
    is_the_user(&mut checks, &answer.data, NEW_EMAIL);
    checks.same("the department", answer.data.department.as_deref(), Some("Orchard"));
    checks.same("the role", &answer.data.role, &types::UserRole::User);
    checks.end()
}

/// A picture of one transparent dot, which is all that an avatar needs to be.
pub fn picture() -> Result<Part, Failure> {
    let dot = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;";
    let part = Part::bytes(dot.as_slice()).file_name("dot.gif").mime_str("image/gif");
    part.map_err(|error| Failure { status: None, reason: error.to_string() })
}

/// A status with everything set.
pub fn status(title: &str) -> types::builder::StatusUpdate {
    types::StatusUpdate::builder()
        .emoji("🌱")
        .title(title)
        .expires_at(far_ahead())
        .is_away(true)
        .away_message(AWAY.to_owned())
}

/// Asserts that a status is the one that [`status`] sets.
pub fn is_the_status(checks: &mut Checks, status: &types::UserStatus, title: &str) {
    checks.same("the emoji", status.emoji.as_str(), "🌱");
    checks.same("the title", status.title.as_str(), title);
    checks.same("the end", status.expires_at, Some(far_ahead()));
    checks.same("whether away", status.is_away, true);
    let away = status.away_message.as_ref().map(|message| message.text.as_str());
    checks.same("the message to others", away, Some(AWAY));
}

async fn update_user_avatar(world: &mut World) -> Outcome {
    let answer = world.client.update_user_avatar().user_id(world.user).image(picture()?).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        let user = world.client.get_user().id(world.user).send().await?;
        checks.same("the picture", user.data.image_url.as_deref(), Some(answer.data.image_url.as_str()));
    }
    checks.end()
}

async fn update_user_status(world: &mut World) -> Outcome {
    let call = world.client.update_user_status().user_id(world.user);
    let answer = call.body_map(|body| body.status(status("Repotting"))).send().await?;
    let mut checks = Checks::of(world, &answer);
    is_the_status(&mut checks, &answer.data, "Repotting");
    checks.end()
}

async fn get_user_status(world: &mut World) -> Outcome {
    let answer = world.client.get_user_status().user_id(world.user).send().await?;
    let mut checks = Checks::of(world, &answer);
    match answer.as_ref() {
        Some(status) => is_the_status(&mut checks, &status.data, "Repotting"),
        None => checks.holds("the user has a status", false),
    }
    checks.end()
}

async fn delete_user_status(world: &mut World) -> Outcome {
    let answer = world.client.delete_user_status().user_id(world.user).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        let left = world.client.get_user_status().user_id(world.user).send().await?;
        checks.holds("a deleted status is null", left.is_none());
    }
    checks.end()
}

async fn delete_user_avatar(world: &mut World) -> Outcome {
    let answer = world.client.delete_user_avatar().user_id(world.user).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        let user = world.client.get_user().id(world.user).send().await?;
        checks.same("the picture", user.data.image_url.as_deref(), None);
    }
    checks.end()
}

async fn delete_user(world: &mut World) -> Outcome {
    let answer = world.client.delete_user().id(world.user).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        checks.gone("a deleted user", world.client.get_user().id(world.user).send().await);
    }
    checks.end()
}
