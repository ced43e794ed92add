//! `mock-pachca`: the server of this crate for a client in any language.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use pachca_tests::Server;

#[derive(Parser)]
#[command(name = "mock-pachca", about = "An in-memory Pachca that speaks openapi.yaml, for tests")]
struct Arguments {
    /// Address to listen on, on this machine only; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// What everything made up is made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Token to accept, instead of one made from the seed
    #[arg(long)]
    token: Option<String>,
    /// Refuse requests that come too fast, by the documented limits
    #[arg(long)]
    rate_limits: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut builder =
        Server::builder().listen(arguments.listen).seed(arguments.seed).rate_limits(arguments.rate_limits);
    if let Some(token) = arguments.token {
        builder = builder.token(token);
    }
    let server = match builder.start().await {
        Ok(server) => server,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("listening on {}", server.base_url());
    println!("token {}", server.token());
    println!("webhook secret {}", server.webhook_secret());
    match tokio::signal::ctrl_c().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
