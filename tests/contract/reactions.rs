//! Reactions to a message.

use super::Row;
use super::checks::{Checks, Outcome};
use super::world::World;

const CODE: &str = "🪱";
const NAME: &str = ":worm:";

pub const ROWS: &[Row] = rows! {
    POST "/messages/{id}/reactions" => add_reaction,
    GET "/messages/{id}/reactions" => list_reactions,
};

pub const LAST: &[Row] = rows! {
    DELETE "/messages/{id}/reactions" => remove_reaction,
};

async fn add_reaction(world: &mut World) -> Outcome {
    let call = world.client.add_reaction().id(world.message);
    let answer = call.body_map(|body| body.code(CODE).name(NAME.to_owned())).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the code", answer.code.as_str(), CODE);
    checks.same("the name", answer.name.as_str(), NAME);
    checks.end()
}

async fn list_reactions(world: &mut World) -> Outcome {
    let call = || world.client.list_reactions().id(world.message).limit(1);
    let first = call().send().await?;
    let answer = call().cursor(&first.meta.paginate.next_page).send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.same("the codes", first.data.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), vec![CODE]);
    checks.end()
}

async fn remove_reaction(world: &mut World) -> Outcome {
    let answer = world.client.remove_reaction().id(world.message).code(CODE).name(NAME).send().await?;
    let mut checks = Checks::of(world, &answer);
    if world.is_ours() {
        let left = world.client.list_reactions().id(world.message).limit(1).send().await?;
        checks.holds("no reaction is left", left.data.is_empty());
    }
    checks.end()
}
