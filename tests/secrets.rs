//! No token, secret or signature stands in any `Debug`, `Display` or log.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Arc, Mutex};

use pachca_api::reqwest::multipart::Part;
use pachca_ext::{Error, Pachca, types};
use pachca_tests::Server;
use tracing_subscriber::fmt::format::FmtSpan;

/// Where everything goes that a program could print.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Vec<u8>>>);

impl io::Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shown {
    fn debug(&self, value: &impl Debug) {
        let mut text = String::new();
        write!(text, "{value:?}\n{value:#?}\n").unwrap();
        self.0.lock().unwrap().extend_from_slice(text.as_bytes());
    }

    fn error(&self, error: &Error) {
        let mut text = error.to_string();
        let mut cause: &dyn std::error::Error = error;
        while let Some(next) = cause.source() {
            write!(text, "\n{next}\n{next:?}").unwrap();
            cause = next;
        }
        self.0.lock().unwrap().extend_from_slice(text.as_bytes());
        self.debug(error);
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

#[tokio::test]
async fn no_secret_is_shown() {
    let shown = Shown::default();
    let log = shown.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || log.clone())
        .init();
    let server = Server::start().await.unwrap();
    let token = server.token().to_owned();
    let mut secrets = vec![token.clone(), server.webhook_secret().to_owned()];

    let builder = Pachca::builder(token.clone()).base_url(server.base_url()).user_agent("kitchen-bot/2");
    shown.debug(&builder);
    let pachca = builder.build().unwrap();
    shown.debug(&pachca);
    shown.debug(&pachca.list_chats());
    shown.debug(&pachca.get_profile().send().await.unwrap());

    let bot = server.items("/bots")[0]["id"].as_i64().unwrap();
    let answer = pachca.recreate_bot_token().id(bot).send().await.unwrap();
    shown.debug(&answer);
    secrets.push(answer.into_inner().data.access_token);

    let info = pachca.get_token_info().send().await.unwrap();
    shown.debug(&info);
    secrets.push(info.into_inner().data.token);

    let form = pachca.get_upload_params().send().await.unwrap();
    shown.debug(&form);
    let form = form.into_inner();
    secrets.extend([form.policy.clone(), form.x_amz_signature.clone(), form.x_amz_credential.clone()]);
    let upload = |signature: &str| {
        pachca
            .upload_file()
            .direct_url(form.direct_url.as_str())
            .content_disposition(form.content_disposition.as_str())
            .acl(form.acl.as_str())
            .policy(form.policy.as_str())
            .x_amz_credential(form.x_amz_credential.as_str())
            .x_amz_algorithm(form.x_amz_algorithm.as_str())
            .x_amz_date(form.x_amz_date.as_str())
            .x_amz_signature(signature)
            .key(form.key.replace("${filename}", "a.txt"))
            .file(Part::bytes(b"soup".as_slice()).file_name("a.txt"))
    };
    shown.debug(&upload(&form.x_amz_signature));
    upload(&form.x_amz_signature).send().await.unwrap();
    shown.error(&upload("wrong").send().await.unwrap_err().into());

    let message = types::MessageCreate::builder().entity_id(1).content("Hi").display_name("x".repeat(300));
    shown.error(&pachca.create_message().body_map(|body| body.message(message)).send().await.unwrap_err().into());
    shown.error(&pachca.get_bot().send().await.unwrap_err().into());
    let stranger = Pachca::builder(format!("{token}-wrong")).base_url(server.base_url()).build().unwrap();
    shown.error(&stranger.get_profile().send().await.unwrap_err().into());
    let nowhere = Pachca::builder(token.clone()).base_url("http://127.0.0.1:1").build().unwrap();
    shown.error(&nowhere.create_thread().id(5).send().await.unwrap_err().into());
    shown.error(&Pachca::builder(format!("{token}\n")).build().unwrap_err());

    let text = shown.text();
    assert!(text.contains("list_chats") || text.contains("get_profile"), "nothing was logged");
    assert!(text.contains("operation=\"get_profile\"") && text.contains("path=\"/profile\""), "the spans are missing");
    for secret in secrets {
        assert!(secret.len() > 5, "`{secret}` is too short to be looked for");
        let line = text.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "a secret is shown: {}", line.unwrap_or_default());
    }
}
