//! The WebDriver client against WebKit's own small browser: a page is read, touched, typed into, photographed and ended.

use serde_json::json;
use std::path::PathBuf;
use tests::webdriver::{Key, Start, Window};

const BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>t</title>
<button data-testid="go" disabled>Đi</button><input data-testid="name"><p data-testid="seen"></p><p data-testid="hidden" hidden>x</p>
<script>
const seen = document.querySelector('[data-testid=seen]');
addEventListener('keydown', e => { if (e.key.startsWith('F') || e.ctrlKey) { seen.textContent += (e.ctrlKey ? 'Ctrl+' : '') + e.key + ' '; e.preventDefault(); } });
const go = document.querySelector('[data-testid=go]');
go.onclick = () => { seen.textContent += 'chạm '; };
setTimeout(() => { go.disabled = false; }, 200);
</script>"#;

fn open(home: &tempfile::TempDir) -> Window {
    let page = home.path().join("page.html");
    std::fs::write(&page, PAGE).unwrap();
    let start = Start {
        binary: PathBuf::from(BROWSER),
        args: vec!["--automation".into()],
        screen_px: (800, 600),
        home: home.path().join("home"),
    };
    let window = Window::open(&start).unwrap();
    window.go_to(&format!("file://{}", page.display())).unwrap();
    window
}

#[test]
fn a_page_is_read_touched_typed_into_and_photographed() {
    let home = tempfile::tempdir().unwrap();
    let window = open(&home);
    window.click("go").unwrap();
    window.press(&[Key::F(2)]).unwrap();
    window.press(&[Key::Control, Key::Enter]).unwrap();
    assert_eq!(window.text("seen").unwrap(), "chạm F2 Ctrl+Control Ctrl+Enter");
    window.type_into("name", "Nguyễn 123").unwrap();
    let typed: String = window.run("return document.querySelector('input').value", &[]).unwrap();
    assert_eq!(typed, "Nguyễn 123");
    assert_eq!(window.testids().unwrap(), ["go", "name", "seen"]);
    assert!(!window.shows("hidden").unwrap());
    assert_eq!(window.run_async::<i64>("arguments[1](arguments[0] + 1)", &[json!(1)]).unwrap(), 2);
    let picture = home.path().join("picture.png");
    window.screenshot(&picture).unwrap();
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn a_killed_app_is_gone_and_so_is_all_that_it_started() {
    let home = tempfile::tempdir().unwrap();
    let window = open(&home);
    let pid = window.app_pid().unwrap();
    window.kill_app().unwrap();
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
}
