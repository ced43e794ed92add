//! An export of messages, from its order to its file: `cargo run --example export`.
//!
//! It talks to a Pachca of its own in this process and needs no token and no network.

use std::error::Error;

use axum::body::Bytes;
use chrono::NaiveDate;
use pachca_ext::{Pachca, types};
use pachca_tests::Server;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start().await?;
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).build()?;

    // Pachca tells the id of an export by webhook only. A bot on the internet checks the signature first.
    let (sender, mut webhooks) = tokio::sync::mpsc::channel(1);
    let hook = axum::routing::post(async move |body: Bytes| drop(sender.send(body).await));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let webhook_url = format!("http://{}/hook", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().route("/hook", hook)).await });

    // At most 45 days, or 366 for chats that are named.
    let (first, last): (NaiveDate, NaiveDate) = ("2026-03-01".parse()?, "2026-03-31".parse()?);
    let order = pachca.request_export();
    order.body_map(|body| body.start_at(first).end_at(last).webhook_url(&webhook_url)).send().await?;
    println!("ordered     {first} to {last}");

    let webhook = webhooks.recv().await.ok_or("no webhook came")?;
    let ready: types::ExportWebhookPayload = serde_json::from_slice(&webhook)?;
    println!("ready       export {}", ready.export_id);

    let folder = tempfile::tempdir()?;
    let path = folder.path().join("messages.zip");
    let export =
        pachca.export(ready.export_id).on_progress(|got, total| println!("progress    {got} of {total} bytes"));
    let size = export.download(&path).await?;
    println!("downloaded  {size} bytes to {}", path.display());
    Ok(())
}
