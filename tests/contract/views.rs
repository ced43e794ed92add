//! Forms, with one block of each kind.

use pachca_api::types;

use super::Row;
use super::checks::{Checks, Failure, Outcome, built};
use super::world::{World, day};

pub const ROWS: &[Row] = rows! {
    POST "/views/open" => open_view,
};

async fn open_view(world: &mut World) -> Outcome {
    let view = types::OpenView::builder()
        .title("A new bed")
        .close_text("Not now".to_owned())
        .submit_text("Dig".to_owned())
        .blocks(blocks()?);
    let call = world.client.open_view().body_map(|body| {
        body.type_(types::OpenViewType::Modal)
            .trigger_id("trigger-of-a-click")
            .private_metadata("bed 4".to_owned())
            .callback_id("new-bed".to_owned())
            .view(view)
    });
    let answer = call.send().await?;
    Checks::of(world, &answer).end()
}

fn blocks() -> Result<Vec<types::ViewBlockUnion>, Failure> {
    let header = types::ViewBlockHeader::builder().type_(types::ViewBlockHeaderType::Header).text("Where?");
    let plain =
        types::ViewBlockPlainText::builder().type_(types::ViewBlockPlainTextType::PlainText).text("Mind the roots.");
    let markdown =
        types::ViewBlockMarkdown::builder().type_(types::ViewBlockMarkdownType::Markdown).text("*Mind* the pipes.");
    let divider = types::ViewBlockDivider::builder().type_(types::ViewBlockDividerType::Divider);
    Ok(vec![
        types::ViewBlockUnion::Header(built(header)?),
        types::ViewBlockUnion::PlainText(built(plain)?),
        types::ViewBlockUnion::Markdown(built(markdown)?),
        types::ViewBlockUnion::Divider(built(divider)?),
        types::ViewBlockUnion::Input(input()?),
        types::ViewBlockUnion::Select(select()?),
        types::ViewBlockUnion::Radio(radio()?),
        types::ViewBlockUnion::Checkbox(checkbox()?),
        types::ViewBlockUnion::Date(date()?),
        types::ViewBlockUnion::Time(time()?),
        types::ViewBlockUnion::FileInput(file_input()?),
    ])
}

fn input() -> Result<types::ViewBlockInput, Failure> {
    built(
        types::ViewBlockInput::builder()
            .type_(types::ViewBlockInputType::Input)
            .name("plant")
            .label("Plant")
            .placeholder("A kind of bean".to_owned())
            .multiline(true)
            .initial_value("Runner bean".to_owned())
            .min_length(3_i64)
            .max_length(300_i64)
            .required(true)
            .hint("One kind a bed".to_owned()),
    )
}

fn select() -> Result<types::ViewBlockSelect, Failure> {
    let option = types::ViewBlockSelectOption::builder().text("Clay").value("clay").selected(true);
    built(
        types::ViewBlockSelect::builder()
            .type_(types::ViewBlockSelectType::Select)
            .name("soil")
            .label("Soil")
            .options(vec![built(option)?])
            .required(true)
            .hint("As it is today".to_owned()),
    )
}

fn radio() -> Result<types::ViewBlockRadio, Failure> {
    let option = types::ViewBlockSelectableOption::builder()
        .text("Shade")
        .value("shade")
        .description("Under the walnut".to_owned())
        .selected(true);
    built(
        types::ViewBlockRadio::builder()
            .type_(types::ViewBlockRadioType::Radio)
            .name("light")
            .label("Light")
            .options(vec![built(option)?])
            .required(true)
            .hint("At noon".to_owned()),
    )
}

fn checkbox() -> Result<types::ViewBlockCheckbox, Failure> {
    let option = types::ViewBlockCheckboxOption::builder()
        .text("Net")
        .value("net")
        .description("Against pigeons".to_owned())
        .checked(true);
    built(
        types::ViewBlockCheckbox::builder()
            .type_(types::ViewBlockCheckboxType::Checkbox)
            .name("cover")
            .label("Cover")
            .options(vec![built(option)?])
            .required(false)
            .hint("If any".to_owned()),
    )
}

fn date() -> Result<types::ViewBlockDate, Failure> {
    built(
        types::ViewBlockDate::builder()
            .type_(types::ViewBlockDateType::Date)
            .name("sowing")
            .label("Sowing")
            .initial_date(day(20_600).date_naive())
            .required(true)
            .hint("Not before the last frost".to_owned()),
    )
}

fn time() -> Result<types::ViewBlockTime, Failure> {
    built(
        types::ViewBlockTime::builder()
            .type_(types::ViewBlockTimeType::Time)
            .name("watering")
            .label("Watering")
            // The form that the service itself uses, whatever its description says.
            .initial_time("06:30".to_owned())
            .required(true)
            .hint("Early is best".to_owned()),
    )
}

fn file_input() -> Result<types::ViewBlockFileInput, Failure> {
    built(
        types::ViewBlockFileInput::builder()
            .type_(types::ViewBlockFileInputType::FileInput)
            .name("sketch")
            .label("Sketch")
            .filetypes(vec!["png".to_owned(), "pdf".to_owned()])
            .max_files(2_i64)
            .required(false)
            .hint("A photo will do".to_owned()),
    )
}
