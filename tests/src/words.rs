//! Plausible texts for fields, chosen by the field's name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, SecondsFormat, Utc};

use crate::random::Random;

const FIRST: [&str; 16] = [
    "Anna",
    "Boris",
    "Vera",
    "Gleb",
    "Daria",
    "Egor",
    "Zoya",
    "Ilya",
    "Kira",
    "Lev",
    "Мария",
    "Никита",
    "Olga",
    "Пётр",
    "Rita",
    "Semyon",
];
const LAST: [&str; 12] = [
    "Antonov",
    "Belova",
    "Volkov",
    "Gromova",
    "Denisov",
    "Ершова",
    "Zaitsev",
    "Калинина",
    "Lapin",
    "Morozova",
    "Orlov",
    "Frolova",
];
const SUBJECTS: [&str; 12] = [
    "budget",
    "release",
    "design",
    "support",
    "hiring",
    "sales",
    "office",
    "backend",
    "research",
    "events",
    "logistics",
    "analytics",
];
const QUALITIES: [&str; 8] = ["weekly", "urgent", "open", "quiet", "north", "joint", "second", "annual"];
const SENTENCES: [&str; 6] = [
    "The figures for the quarter are in the table.",
    "Who can look at the build before noon?",
    "Встреча переносится на среду.",
    "Done, please have a second look 🙂",
    "The draft is ready & waits for comments.",
    "Let us talk about it tomorrow.",
];
const EMOJI: [&str; 6] = ["👍", "🔥", "🎉", "🚀", "👀", "❤️"];

/// The time of the n-th thing that ever happened here, as the vendor writes times.
pub fn time(order: u64) -> String {
    let start = DateTime::<Utc>::from_timestamp_millis(1_772_357_400_123).unwrap_or_default();
    let minutes = Duration::minutes(i64::try_from(order % 10_000_000).unwrap_or_default());
    (start + minutes).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A point in time as the vendor writes it, whatever the offset it was sent with.
pub fn utc(text: &str) -> Option<String> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// A text for the field `name` of the thing with this number.
pub fn text(name: &str, number: u64, random: &mut Random) -> String {
    let pick = |random: &mut Random, from: &[&str]| random.choose(from).copied().unwrap_or_default().to_owned();
    match name {
        "first_name" => pick(random, &FIRST),
        "last_name" => pick(random, &LAST),
        "nickname" => format!("{}_{number}", pick(random, &QUALITIES)),
        "name" => format!("{} {} {number}", pick(random, &QUALITIES), pick(random, &SUBJECTS)),
        "title" | "department" | "label" | "list_tags" => {
            format!("{} {}", pick(random, &QUALITIES), pick(random, &SUBJECTS))
        }
        "email" => format!("{}.{number}@pachca.test", pick(random, &SUBJECTS)),
        "phone_number" => format!("+7900{:07}", number % 10_000_000),
        "content" | "text" | "description" | "transcript" => pick(random, &SENTENCES),
        "emoji" | "code" => pick(random, &EMOJI),
        "time_zone" => pick(random, &["Europe/Moscow", "Asia/Novosibirsk", "Europe/Kaliningrad"]),
        "ip_address" => format!("192.0.2.{}", number % 250 + 1),
        "user_agent" => "mock-pachca/0.1".to_owned(),
        "domain" => format!("{}.test", pick(random, &SUBJECTS)),
        "key" => format!("attaches/made/{number}/{}.bin", random.hex(8)),
        "waveform" => (0..16).map(|_| format!("{:02x}", random.below(256))).collect(),
        // What an object store asks for has names of its own.
        "Content-Disposition" => "attachment".to_owned(),
        "acl" => "private".to_owned(),
        "policy" => STANDARD.encode(format!("{{\"upload\":{number},\"nonce\":\"{}\"}}", random.hex(12))),
        "x-amz-algorithm" => "AWS4-HMAC-SHA256".to_owned(),
        "x-amz-credential" => format!("{}/20260301/ru-test-1/s3/aws4_request", random.hex(20)),
        "x-amz-date" => "20260301T093000Z".to_owned(),
        "x-amz-signature" => random.hex(64),
        _ if name == "url" || name.ends_with("_url") => format!("https://pachca.test/{name}/{number}"),
        _ if name.ends_with("_id") => format!("{}", 100_000 + number),
        _ => format!("{}-{}", pick(random, &SUBJECTS), random.below(1000)),
    }
}
