//! Signatures: HMAC-SHA256 of the body as it is, in hexadecimal digits.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The header that carries the signature, as the vendor's documentation names it.
pub const SIGNATURE_HEADER: &str = "Pachca-Signature";

/// How many bytes a signature has.
const LENGTH: usize = 32;

/// The signature of a body, in lower-case hexadecimal digits as Pachca sends it: for the tests of a bot.
///
/// ```
/// use pachca_ext::webhook::{Event, Verifier, sign};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let body = br#"{"type":"export","event":"ready","export_id":73,"created_at":"2026-05-04T08:15:00.000Z"}"#;
/// let event = Verifier::new("secret")?.verify(&sign("secret", body), body)?;
/// assert!(matches!(event, Event::Export(export) if export.export_id == 73));
/// # Ok(())
/// # }
/// ```
pub fn sign(secret: &str, body: &[u8]) -> String {
    mac(secret, body).map(|mac| hex::encode(mac.finalize().into_bytes())).unwrap_or_default()
}

/// The bytes of a signature whose digits are in either case; nothing when it is not one.
pub(super) fn parse(signature: &[u8]) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    hex::decode_to_slice(signature, &mut bytes).is_ok().then_some(bytes)
}

/// Whether a signature is that of a body, in a time that does not depend on where they differ.
pub(super) fn matches(secret: &str, body: &[u8], signature: &[u8; LENGTH]) -> bool {
    mac(secret, body).is_some_and(|mac| mac.verify_slice(signature).is_ok())
}

/// There is always one, because HMAC takes keys of any length.
fn mac(secret: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok().map(|mac| mac.chain_update(body))
}
