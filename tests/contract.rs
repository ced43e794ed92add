//! Every operation, called once through the client with everything filled.
//!
//! Without further ado this runs against the server of this crate. With `PACHCA_CONTRACT_URL` it runs against another
//! one on this machine, with `PACHCA_CONTRACT_TOKEN` as its token.

use std::collections::BTreeSet;
use std::error::Error;

use pachca_api::Operation;
use serde_json::Value;

#[path = "contract/filled.rs"]
mod filled;
#[path = "contract/mod.rs"]
mod table;

use table::{World, document};

/// What is sent to another server when no token is named.
const MADE_UP_TOKEN: &str = "no-real-token-0123456789";

type Outcome = Result<(), Box<dyn Error>>;

fn description() -> Result<Value, String> {
    document::read(&document::workspace_root().join("openapi.yaml"))
}

/// The server that the environment asks for.
async fn world() -> Result<World, Box<dyn Error>> {
    match std::env::var("PACHCA_CONTRACT_URL") {
        Ok(url) => {
            let token = std::env::var("PACHCA_CONTRACT_TOKEN").unwrap_or_else(|_| MADE_UP_TOKEN.to_owned());
            Ok(World::elsewhere(&url, &token)?)
        }
        Err(_) => World::ours().await,
    }
}

#[test]
fn the_table_has_every_operation_once() {
    let known: BTreeSet<_> = Operation::all().iter().map(|it| (it.method, it.path)).collect();
    let rows: BTreeSet<_> = table::table().map(|row| (row.method, row.path)).collect();
    let missing: Vec<_> = known.difference(&rows).collect();
    let strange: Vec<_> = rows.difference(&known).collect();
    assert!(
        missing.is_empty() && strange.is_empty(),
        "operations without a row: {missing:?}; rows without an operation: {strange:?}"
    );
    assert_eq!(table::table().count(), rows.len(), "an operation has more than one row");
}

#[tokio::test]
async fn every_operation_is_answered_as_described() -> Outcome {
    let mut world = world().await?;
    let lines = table::run(&mut world, &description()?).await;
    // One write, so that no line of the test harness gets between; it may have begun one, so the first is left empty.
    let printed: String = lines.iter().map(|line| format!("{line}\n")).collect();
    print!("\n{printed}");
    let failed = lines.iter().filter(|line| line.error.is_some()).count();
    assert!(failed == 0, "{failed} of {} operations failed; the lines above say why", lines.len());
    Ok(())
}

#[tokio::test]
async fn every_parameter_and_field_is_filled() -> Outcome {
    let description = description()?;
    let mut world = World::ours().await?;
    table::run(&mut world, &description).await;
    let requests = world.server().map(pachca_tests::Server::requests).unwrap_or_default();
    let missing = filled::missing(&description, &requests);
    assert!(missing.is_empty(), "never sent, so the contract is silent about it:\n{}", missing.join("\n"));
    Ok(())
}

#[test]
fn only_addresses_of_this_machine_are_accepted() {
    for address in ["http://127.0.0.1:8080/api", "http://127.9.9.9", "http://[::1]:4010/", "http://localhost:4010"] {
        assert!(World::elsewhere(address, MADE_UP_TOKEN).is_ok(), "{address} is on this machine");
    }
    for address in [
        "https://api.pachca.com/api/shared/v1",
        "http://example.com",
        "http://128.0.0.1",
        "http://0.0.0.0:80",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com/",
        "http://localhost.example.com",
        "ftp://127.0.0.1/",
        "127.0.0.1:80",
        "",
    ] {
        let refusal = World::elsewhere(address, MADE_UP_TOKEN).err().unwrap_or_default();
        assert!(refusal.contains("loopback"), "{address} is not on this machine, but: {refusal}");
    }
}

#[test]
fn an_upload_never_leaves_this_machine() {
    let world = World::elsewhere("http://127.0.0.1:4010/api/", MADE_UP_TOKEN).unwrap();
    let near = "http://127.0.0.1:4011/store?signature=1";
    assert_eq!(world.upload_address(near), near);
    for far in ["https://store.example.com/", "//store.example.com", "/direct_url", "string", ""] {
        assert_eq!(world.upload_address(far), "http://127.0.0.1:4010/api/direct_url");
    }
}
