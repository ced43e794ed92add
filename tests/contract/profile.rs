//! The caller's own profile.

use super::Row;
use super::checks::{Checks, Outcome};
use super::users::{is_the_status, picture, status};
use super::world::World;

pub const ROWS: &[Row] = rows! {
    GET "/profile" => get_profile,
    PUT "/profile/avatar" => update_profile_avatar,
    PUT "/profile/status" => update_status,
    GET "/profile/status" => get_status,
};

pub const LAST: &[Row] = rows! {
    DELETE "/profile/status" => delete_status,
    DELETE "/profile/avatar" => delete_profile_avatar,
};

async fn get_profile(world: &mut World) -> Outcome {
    let answer = world.client.get_profile().send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the caller has an id and a nickname", answer.data.id > 0 && !answer.data.nickname.is_empty());
    world.me = answer.data.id;
    checks.end()
}

async fn update_profile_avatar(world: &mut World) -> Outcome {
    let answer = world.client.update_profile_avatar().image(picture()?).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the avatar has an address", !answer.data.image_url.is_empty());
    checks.end()
}

async fn update_status(world: &mut World) -> Outcome {
    let answer = world.client.update_status().body_map(|body| body.status(status("Pruning"))).send().await?;
    let mut checks = Checks::of(world, &answer);
    is_the_status(&mut checks, &answer.data, "Pruning");
    checks.end()
}

async fn get_status(world: &mut World) -> Outcome {
    let answer = world.client.get_status().send().await?;
    let mut checks = Checks::of(world, &answer);
    match answer.as_ref() {
        Some(status) => is_the_status(&mut checks, &status.data, "Pruning"),
        None => checks.holds("the caller has a status", false),
    }
    checks.end()
}

async fn delete_status(world: &mut World) -> Outcome {
    let answer = world.client.delete_status().send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        let left = world.client.get_status().send().await?;
        checks.holds("a deleted status is null", left.is_none());
    }
    checks.end()
}

async fn delete_profile_avatar(world: &mut World) -> Outcome {
    let answer = world.client.delete_profile_avatar().send().await?;
    Checks::of(world, &answer).end()
}
