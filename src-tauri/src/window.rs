//! One window of one role.

use crate::commands::{self, board, counter, dock, kiosk};
use crate::shell::Shell;
use specta_typescript::Typescript;
use station::api::Role;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindowBuilder};

/// How often the thread that tells a page of changes looks whether the app has ended.
const LOOK: Duration = Duration::from_secs(5);

fn commands() -> tauri_specta::Builder<tauri::Wry> {
    // Times are milliseconds and fit a page's number; what is read and what is written have one shape.
    let builder = tauri_specta::Builder::new().dangerously_cast_bigints_to_number().disable_serde_phases();
    builder.commands(tauri_specta::collect_commands![
        commands::about,
        kiosk::kiosk_view,
        kiosk::kiosk_fields,
        kiosk::kiosk_procedures,
        kiosk::kiosk_take_number,
        kiosk::kiosk_ticket,
        kiosk::kiosk_leave,
        kiosk::kiosk_look_up,
        counter::counter_officers,
        counter::counter_sign_in,
        counter::counter_sign_out,
        counter::counter_view,
        counter::counter_call_next,
        counter::counter_recall,
        counter::counter_no_show,
        counter::counter_close,
        counter::counter_park,
        counter::counter_take_back,
        counter::counter_send_back,
        counter::counter_transfer,
        counter::counter_add_service,
        counter::counter_pause,
        counter::counter_resume,
        counter::counter_open_person,
        counter::counter_earlier,
        counter::counter_read_chip,
        counter::counter_chip_photo,
        counter::counter_procedures,
        counter::counter_quote,
        counter::counter_offers,
        counter::counter_register,
        counter::counter_dossiers,
        counter::counter_dossier,
        counter::counter_work,
        counter::counter_control_slip,
        counter::counter_book,
        counter::counter_papers,
        counter::counter_hand_over,
        counter::counter_hand_over_paper,
        counter::counter_receive_papers,
        counter::counter_money,
        counter::counter_till,
        counter::counter_close_till,
        counter::counter_authority,
        counter::counter_amend_view,
        counter::counter_amend,
        counter::counter_settle,
        counter::counter_accept,
        counter::counter_return,
        counter::counter_settle_paper,
        counter::counter_reprint,
        counter::counter_admit,
        counter::counter_outbox,
        counter::counter_ask_again,
        counter::counter_export_aside,
        counter::counter_reissue,
        board::board_view,
        dock::dock_view,
        dock::dock_put_card,
        dock::dock_show_ticket,
        dock::dock_lay_card,
        dock::dock_take_card,
        dock::dock_printer,
        dock::dock_cable,
    ])
}

/// Writes the typed bindings of the commands.
pub fn write_bindings(file: &Path) -> Result<(), String> {
    commands().export(Typescript::default(), file).map_err(|error| error.to_string())
}

/// Opens the window and runs until it is closed.
pub fn run(role: Role, folder: PathBuf) -> Result<(), String> {
    refuse_automation();
    end_on_panic();
    let in_public = is_in_public(role, &folder);
    let shell = Shell::open(role, folder).map_err(|error| error.to_string())?;
    let stopping = shell.clone();
    tauri::Builder::default()
        .manage(shell.clone())
        .invoke_handler(commands().invoke_handler())
        .setup(move |app| {
            open_window(app.handle(), role, in_public)?;
            tell_changes(app.handle().clone(), shell.clone())?;
            Ok(())
        })
        .run(tauri::generate_context!())
        .map_err(|error| error.to_string())?;
    stopping.stop();
    Ok(())
}

/// Whether the window stands before the public for real, and so fills its screen.
fn is_in_public(role: Role, folder: &Path) -> bool {
    let demo = station::Config::read(folder).is_ok_and(|config| config.station.demo);
    matches!(role, Role::Kiosk | Role::Board) && !demo
}

fn open_window(app: &AppHandle, role: Role, in_public: bool) -> tauri::Result<()> {
    let (label, title, width, height) = match role {
        Role::Kiosk => ("kiosk", "Một Cửa – Kiốt", 1_366.0, 768.0),
        Role::Counter => ("counter", "Một Cửa – Quầy", 1_366.0, 768.0),
        Role::Board => ("board", "Một Cửa – Bảng gọi số", 1_280.0, 720.0),
        Role::Dock => ("dock", "Một Cửa – Bàn thiết bị", 1_180.0, 820.0),
    };
    let window = WebviewWindowBuilder::new(app, label, WebviewUrl::default()).title(title).inner_size(width, height);
    window.fullscreen(in_public).decorations(!in_public).build()?;
    Ok(())
}

/// Passes the notices of what is behind the window on to the page.
fn tell_changes(app: AppHandle, shell: Shell) -> std::io::Result<()> {
    let body = move || {
        let Ok(opened) = shell.opened() else { return };
        let mut seen = 0;
        while !app.webview_windows().is_empty() {
            let count = opened.notices().wait_beyond(seen, LOOK);
            if count > seen {
                seen = count;
                // A window that is closing needs no news.
                let _ = app.emit("changed", ());
            }
        }
    };
    std::thread::Builder::new().name("changes".into()).spawn(body).map(drop)
}

/// A window whose program is broken must not stand there as if it worked: the process ends, and whoever supervises it
/// starts it again. What was promised to a citizen is on disk.
fn end_on_panic() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        usual(panic);
        #[expect(
            unsafe_code,
            reason = "exit runs destructors of the window's libraries on whatever thread broke, and may hang"
        )]
        // SAFETY: _exit ends the process at once and touches no memory of ours.
        unsafe {
            libc::_exit(101);
        }
    }));
}

/// Only a build for tests may be driven from outside.
#[cfg(not(feature = "automation"))]
fn refuse_automation() {
    #[expect(unsafe_code, reason = "changing the environment is unsafe while other threads run; there are none yet")]
    // SAFETY: called at the start of the process, before any thread is started.
    unsafe {
        std::env::remove_var("TAURI_WEBVIEW_AUTOMATION");
    }
}

#[cfg(feature = "automation")]
fn refuse_automation() {}
