//! A window with nothing in it but a colour: what the app's start and memory are measured beside.

use tauri::http::{HeaderValue, Response, header::CONTENT_TYPE};
use tauri::{WebviewUrl, WebviewWindowBuilder};

/// The page: the ground has the primary colour of the pages, which the benchmark looks for on the screen.
const PAGE: &str = "<!doctype html><title>empty</title><body style=\"margin:0;background:#0e4f79\">";
/// The size of the kiosk's window.
const SIZE_PX: (f64, f64) = (860.0, 1_180.0);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = tauri::Builder::default().register_uri_scheme_protocol("empty", |_, _| {
        let mut page = Response::new(PAGE.as_bytes());
        page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        page
    });
    app.setup(|app| {
        let url = WebviewUrl::CustomProtocol("empty://localhost/".parse()?);
        WebviewWindowBuilder::new(app, "empty", url).title("empty").inner_size(SIZE_PX.0, SIZE_PX.1).build()?;
        Ok(())
    })
    .run(tauri::generate_context!())?;
    Ok(())
}
