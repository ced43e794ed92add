//! The upload of a file, in two steps.

use pachca_api::reqwest::multipart::Part;
use pachca_api::types;

use super::Row;
use super::checks::{Checks, Failure, Outcome, built};
use super::world::World;

/// What the uploaded file is called. It is not ASCII and has what a replacement pattern would eat.
pub const FILE_NAME: &str = "план $1.txt";

pub const ROWS: &[Row] = rows! {
    POST "/uploads" => get_upload_params,
    POST "/direct_url" => upload_file,
};

async fn get_upload_params(world: &mut World) -> Outcome {
    let answer = world.client.get_upload_params().send().await?;
    let mut checks = Checks::of(world, &answer);
    checks.holds("the key has a place for the file name", answer.key.contains("${filename}"));
    checks.holds("the address is on this machine", world.upload_address(&answer.direct_url) == answer.direct_url);
    checks.holds("the form is signed", !answer.policy.is_empty() && !answer.x_amz_signature.is_empty());
    world.file_key = answer.key.replace("${filename}", FILE_NAME);
    world.upload = Some((*answer).clone());
    checks.end()
}

async fn upload_file(world: &mut World) -> Outcome {
    let form = match world.upload.clone() {
        Some(form) => form,
        None => made_up_form()?,
    };
    let file = Part::bytes(b"Water the plants.".as_slice()).file_name(FILE_NAME);
    let call = world.client.upload_file().direct_url(world.upload_address(&form.direct_url));
    let call = call.content_disposition(form.content_disposition).acl(form.acl).policy(form.policy);
    let call = call.x_amz_credential(form.x_amz_credential).x_amz_algorithm(form.x_amz_algorithm);
    let call = call.x_amz_date(form.x_amz_date).x_amz_signature(form.x_amz_signature);
    let answer = call.key(&world.file_key).file(file).send().await?;
    Checks::of(world, &answer).end()
}

/// A form that no server has signed, for a run in which none was to be had.
fn made_up_form() -> Result<types::UploadParams, Failure> {
    built(
        types::UploadParams::builder()
            .content_disposition("attachment")
            .acl("private")
            .policy("bm8gcG9saWN5")
            .x_amz_credential("nobody/20260101/garden/s3/aws4_request")
            .x_amz_algorithm("AWS4-HMAC-SHA256")
            .x_amz_date("20260101T000000Z")
            .x_amz_signature("00")
            .key("attaches/none/${filename}")
            .direct_url("nowhere"),
    )
}
