//! Bad input of regen: one line says what is wrong and where, and the old file stays as it was.

mod run;

use std::net::TcpListener;

use run::{Folder, SMALL, answer, serve};

/// The line with which a description is refused; it names the file that was read.
#[track_caller]
fn refused(content: impl AsRef<[u8]>) -> String {
    let folder = Folder::new();
    let source = folder.source(content);
    let line = folder.fail(&source, &[]);
    assert!(line.contains(&source), "{line}");
    line
}

/// The small description with one part replaced.
#[track_caller]
fn small_with(part: &str, other: &str) -> String {
    assert_eq!(SMALL.matches(part).count(), 1, "`{part}`");
    SMALL.replace(part, other)
}

#[track_caller]
fn says(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "`{part}` is not in `{line}`");
    }
}

#[test]
fn no_network() {
    // The port was free a moment ago, and nobody listens on it.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{address}/openapi.yaml");
    let line = Folder::new().fail(&url, &[]);
    says(&line, &["cannot fetch", &url, "refused"]);
}

#[test]
fn a_404() {
    let url = serve(answer("404 Not Found", "Nothing here\n"));
    let line = Folder::new().fail(&url, &[]);
    says(&line, &["cannot fetch", &url, "404 Not Found"]);
}

#[test]
fn an_html_page_from_a_server() {
    let url = serve(answer("200 OK", "\n<!DOCTYPE html>\n<html><body>Sign in</body></html>\n"));
    let line = Folder::new().fail(&url, &[]);
    says(&line, &[&url, "HTML or XML page"]);
}

#[test]
fn an_html_page_from_a_file() {
    says(&refused("<html><body>Sign in</body></html>\n"), &["HTML or XML page"]);
}

#[test]
fn an_html_page_with_a_byte_order_mark() {
    says(&refused("\u{feff}<html><body>Sign in</body></html>\n"), &["HTML or XML page"]);
}

#[test]
fn broken_yaml() {
    let line = refused(small_with("  version: 2.3.4\n", "  version: [2.3.4\n"));
    says(&line, &["not valid YAML", "line "]);
}

#[test]
fn a_key_that_stands_twice() {
    let line = refused(small_with("  version: 2.3.4\n", "  version: 2.3.4\n  title: Boxes again\n"));
    says(&line, &["not valid YAML", "title"]);
}

#[test]
fn a_file_that_is_cut_off_in_the_middle_of_a_line() {
    let cut = SMALL.find("Words about listing").unwrap();
    let line = refused(&SMALL[..cut]);
    let number = SMALL[..cut].lines().count();
    says(&line, &["cut off", &format!("line {number}")]);
}

#[test]
fn a_file_that_is_cut_off_inside_the_paths() {
    let cut = SMALL.find("  /boxes/{id}/lid:").unwrap();
    says(&refused(&SMALL[..cut]), &["`components` is missing", "cut off"]);
}

#[test]
fn a_file_that_is_cut_off_inside_the_components() {
    let cut = SMALL.find("    Shape:").unwrap();
    says(&refused(&SMALL[..cut]), &["`servers` names no http(s) address", "cut off"]);
}

#[test]
fn a_file_that_is_cut_off_before_the_servers() {
    let cut = SMALL.find("servers:").unwrap();
    says(&refused(&SMALL[..cut]), &["`servers` names no http(s) address", "cut off"]);
}

#[test]
fn a_file_that_is_cut_off_after_any_line() {
    let folder = Folder::new();
    let ends = SMALL.match_indices('\n').map(|(end, _)| end + 1);
    for cut in ends.filter(|end| *end < SMALL.len()) {
        let source = folder.source(&SMALL[..cut]);
        says(&folder.fail(&source, &[]), &[&source]);
    }
}

#[test]
fn a_file_that_is_cut_off_at_any_byte() {
    let folder = Folder::new();
    for cut in (1..SMALL.len()).step_by(31).filter(|cut| !SMALL[..*cut].ends_with('\n')) {
        let source = folder.source(&SMALL[..cut]);
        says(&folder.fail(&source, &[]), &[&source, "cut off"]);
    }
}

#[test]
fn openapi_of_a_newer_version() {
    says(&refused(small_with("openapi: 3.0.0\n", "openapi: 3.1.0\n")), &["OpenAPI 3.1.0 is not supported"]);
}

#[test]
fn swagger() {
    says(&refused(small_with("openapi: 3.0.0\n", "swagger: '2.0'\n")), &["not an OpenAPI description", "`openapi`"]);
}

#[test]
fn yaml_that_is_something_else() {
    says(&refused("- one\n- two\n"), &["not an OpenAPI description"]);
    says(&refused("Just some words.\n"), &["not an OpenAPI description"]);
}

#[test]
fn a_reference_to_a_schema_that_does_not_exist() {
    let line = refused(small_with(
        "items: { $ref: '#/components/schemas/Box' }",
        "items: { $ref: '#/components/schemas/Bax' }",
    ));
    says(&line, &["#/components/schemas/Bax", "~1boxes/get/responses/200"]);
}

#[test]
fn a_reference_to_a_parameter_that_does_not_exist() {
    let line = refused(small_with(
        "- { name: id, in: path, required: true, schema: { type: integer, format: int32 } }",
        "- $ref: '#/components/parameters/Id'",
    ));
    says(&line, &["#/components/parameters/Id", "GET /boxes/{id}/lid"]);
}

#[test]
fn a_reference_to_another_file() {
    let line =
        refused(small_with("shape: { $ref: '#/components/schemas/Shape' }", "shape: { $ref: 'shapes.yaml#/Shape' }"));
    says(&line, &["shapes.yaml#/Shape", "#/components/schemas/Box/properties/shape"]);
}

#[test]
fn a_reference_that_leads_to_itself() {
    let looped = |at: &str, reference: &str| {
        let text = small_with(at, reference);
        text.replacen("  schemas:\n", "  schemas:\n    Loop: { $ref: '#/components/schemas/Loop' }\n", 1)
    };
    let of_query = looped(
        "schema: { type: integer, format: int32, minimum: 1, maximum: 50, default: 20 }",
        "schema: { $ref: '#/components/schemas/Loop' }",
    );
    says(&refused(of_query), &["Loop"]);
    let of_body = looped(
        "alarm: { type: string, format: date-time, nullable: true }",
        "alarm: { $ref: '#/components/schemas/Loop' }",
    );
    says(&refused(of_body), &["Loop"]);
    let of_nothing = looped("version: 2.3.4", "version: 2.3.5");
    says(&refused(of_nothing), &["Loop"]);
}

#[test]
fn two_equal_operation_ids() {
    let line = refused(small_with("BoxOperations_createBox", "BoxOperations_listBoxes"));
    says(&line, &["GET /boxes", "POST /boxes", "BoxOperations_listBoxes", "same operationId"]);
}

#[test]
fn an_operation_without_an_id() {
    let line = refused(small_with("      operationId: BoxOperations_createBox\n", ""));
    says(&line, &["POST /boxes", "no operationId"]);
}

#[test]
fn no_operation_at_all() {
    let (start, end) = (SMALL.find("paths:\n").unwrap(), SMALL.find("components:\n").unwrap());
    says(&refused(format!("{}paths: {{}}\n{}", &SMALL[..start], &SMALL[end..])), &["`paths` holds no operation"]);
}

#[test]
fn a_file_over_32_mib() {
    let folder = Folder::new();
    let source = folder.source("");
    std::fs::File::options().write(true).open(&source).unwrap().set_len(32 * 1024 * 1024 + 1).unwrap();
    says(&folder.fail(&source, &[]), &[&source, "larger than 32 MiB"]);
}

#[test]
fn a_server_that_sends_more_than_32_mib() {
    let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    answer.resize(answer.len() + 33 * 1024 * 1024, b'#');
    let url = serve(answer);
    says(&Folder::new().fail(&url, &[]), &[&url, "larger than 32 MiB"]);
}

#[test]
fn a_server_that_hangs_up_in_the_middle() {
    let whole = answer("200 OK", SMALL);
    let url = serve(whole[..whole.len() - 100].to_vec());
    says(&Folder::new().fail(&url, &[]), &["cannot fetch", &url]);
}

#[test]
fn a_server_that_says_nothing() {
    let url = serve(Vec::new());
    says(&Folder::new().fail(&url, &[]), &["cannot fetch", &url]);
}

#[test]
fn an_empty_file() {
    says(&refused(""), &["empty"]);
    says(&refused(" \n\n"), &["empty"]);
}

#[test]
fn bytes_that_are_no_utf_8() {
    let mut bytes = SMALL.as_bytes().to_vec();
    bytes[9] = 0xff;
    says(&refused(bytes), &["not UTF-8", "byte 9"]);
}

#[test]
fn a_path_that_does_not_exist() {
    let line = Folder::new().fail("/nowhere/at/all.yaml", &[]);
    says(&line, &["cannot open /nowhere/at/all.yaml", "No such file"]);
}

#[test]
fn a_path_that_is_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    says(&Folder::new().fail(path, &[]), &[path, "directory"]);
}

#[test]
fn what_the_rules_cannot_carry() {
    let line = refused(small_with("opens_at: { type: string", "opens_at: { not: {}, type: string"));
    says(&line, &["cannot carry", "#/components/schemas/Box/properties/opens_at", "`not`"]);
}

#[test]
fn a_place_that_cannot_be_written_to() {
    let folder = Folder::new();
    let source = folder.source(SMALL);
    let output = run::xtask(&["regen", "--from", &source, "--to", "/nowhere/openapi.yaml"]);
    says(&run::error_of(&output), &["cannot write /nowhere/openapi.yaml"]);
}
