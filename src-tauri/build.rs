//! Names every command, so that a window may call only those that its role's capability file allows.

const COMMANDS: &[&str] = &[
    "about",
    "kiosk_view",
    "kiosk_fields",
    "kiosk_procedures",
    "kiosk_take_number",
    "kiosk_ticket",
    "kiosk_leave",
    "kiosk_look_up",
    "counter_officers",
    "counter_sign_in",
    "counter_sign_out",
    "counter_view",
    "counter_call_next",
    "counter_recall",
    "counter_no_show",
    "counter_close",
    "counter_open_person",
    "counter_earlier",
    "counter_read_chip",
    "counter_chip_photo",
    "counter_procedures",
    "counter_quote",
    "counter_offers",
    "counter_register",
    "counter_dossiers",
    "counter_dossier",
    "counter_work",
    "counter_control_slip",
    "counter_money",
    "counter_till",
    "counter_close_till",
    "counter_settle",
    "counter_accept",
    "counter_return",
    "counter_settle_paper",
    "counter_reprint",
    "counter_admit",
    "counter_outbox",
    "counter_ask_again",
    "counter_export_aside",
    "counter_reissue",
    "board_view",
    "dock_view",
    "dock_put_card",
    "dock_show_ticket",
    "dock_lay_card",
    "dock_take_card",
    "dock_printer",
    "dock_cable",
];

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
        std::process::exit(1);
    }
}
