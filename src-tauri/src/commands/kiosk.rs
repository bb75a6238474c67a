//! The kiosk's commands; see `station`'s `roles::kiosk`.

use crate::shell::Shell;
use station::api::{FieldTile, KioskView, Problem, ProcedureTile, PublicState, TakeNumber, TicketShown};
use tauri::State;

#[tauri::command(async)]
#[specta::specta]
pub fn kiosk_view(shell: State<'_, Shell>) -> Result<KioskView, Problem> {
    shell.station()?.kiosk_view()
}

#[tauri::command(async)]
#[specta::specta]
pub fn kiosk_fields(shell: State<'_, Shell>) -> Result<Vec<FieldTile>, Problem> {
    shell.station()?.kiosk_fields()
}

#[tauri::command(async)]
#[specta::specta]
pub fn kiosk_procedures(
    shell: State<'_, Shell>,
    field: Option<String>,
    words: Option<String>,
) -> Result<Vec<ProcedureTile>, Problem> {
    shell.station()?.kiosk_procedures(field.as_deref(), words.as_deref())
}

#[tauri::command(async)]
#[specta::specta]
pub fn kiosk_take_number(shell: State<'_, Shell>, ask: TakeNumber) -> Result<TicketShown, Problem> {
    shell.station()?.kiosk_take_number(ask)
}

#[tauri::command(async)]
#[specta::specta]
pub fn kiosk_ticket(shell: State<'_, Shell>, visit: String) -> Result<TicketShown, Problem> {
    shell.station()?.kiosk_ticket(&visit)
}

#[tauri::command(async)]
#[specta::specta]
pub fn kiosk_leave(shell: State<'_, Shell>) -> Result<(), Problem> {
    shell.station()?.kiosk_leave()
}

#[tauri::command(async)]
#[specta::specta]
pub fn kiosk_look_up(shell: State<'_, Shell>, code: String) -> Result<PublicState, Problem> {
    shell.station()?.kiosk_look_up(&code)
}
