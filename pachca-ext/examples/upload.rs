//! Files into the storage, and onto messages: `cargo run --example upload`.
//!
//! It talks to a Pachca of its own in this process and needs no token and no network.

use std::error::Error;

use pachca_ext::{Pachca, Source, types};
use pachca_tests::Server;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start().await?;
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).build()?;
    let chat = types::ChatCreate::builder().name("Garden").channel(false);
    let chat_id = pachca.create_chat().body_map(|body| body.chat(chat)).send().await?.into_inner().data.id;

    let folder = tempfile::tempdir()?;
    let plan = folder.path().join("план грядок.txt");
    std::fs::write(&plan, "beans, then peas\n".repeat(10_000))?;

    // One file, with its progress.
    let upload = pachca.upload(&plan).on_progress(|sent, total| println!("progress  {sent} of {total} bytes"));
    let file = upload.send().await?;
    println!("uploaded  {} as a {} of {} bytes", file.name, file.file_type, file.size);

    // What is uploaded goes straight into the files of a message.
    let message = types::MessageCreate::builder().entity_id(chat_id).content("The plan").files(vec![file.try_into()?]);
    let sent = pachca.create_message().body_map(|body| body.message(message)).send().await?.into_inner().data;
    println!("sent      {}", names(&sent));

    // Or all of it in one call: bytes, whatever can be read, and a file under another name.
    let message = types::MessageCreate::builder().entity_id(chat_id).content("More plans");
    let seeds = Source::reader("seeds.csv", &b"bean;12\npea;40\n"[..]);
    let sources = [Source::bytes("note.md", "Water daily."), seeds, Source::path(&plan).name("plan.txt")];
    let sent = pachca.send_with_files(message, sources).await?;
    println!("sent      {}", names(&sent));

    let added = pachca.add_files(sent.id, [Source::bytes("photo.jpg", "pixels")]).await?;
    println!("added     {}", names(&added));
    let removed = pachca.remove_files(sent.id, |file| file.name.ends_with(".txt")).await?;
    println!("removed   {}", names(&removed));
    let replaced = pachca.replace_files(sent.id, [plan]).await?;
    println!("replaced  {}", names(&replaced));
    Ok(())
}

fn names(message: &types::Message) -> String {
    message.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
}
