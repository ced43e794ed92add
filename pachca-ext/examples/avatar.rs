//! Avatars, one's own and another user's: `cargo run --example avatar`.
//!
//! It talks to a Pachca of its own in this process and needs no token and no network.

use std::error::Error;

use pachca_ext::{Pachca, Source};
use pachca_tests::Server;

/// The smallest GIF that browsers show: one white pixel.
const IMAGE: &[u8] = b"GIF87a\x01\x00\x01\x00\x80\x01\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02L\x01\x00;";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start().await?;
    let pachca = Pachca::builder(server.token()).base_url(server.base_url()).build()?;

    let avatar = pachca.upload_avatar(Source::bytes("me.gif", IMAGE)).send().await?;
    println!("own avatar   {}", avatar.image_url);

    // A path does as well, and so does whatever can be read. Another user's avatar needs admin rights.
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("colleague.gif");
    std::fs::write(&path, IMAGE)?;
    let users = pachca.list_users().limit(50).send().await?;
    let user = users.data.last().ok_or("there is nobody else")?;
    let avatar = pachca.upload_user_avatar(user.id, path).send().await?;
    println!("@{}'s avatar {}", user.nickname, avatar.image_url);
    Ok(())
}
