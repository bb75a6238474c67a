//! The kiosk's commands; see `station`'s `roles::kiosk`.

use crate::shell::Shell;
use station::api::{FieldTile, KioskView, Problem, ProcedureTile, PublicState, TakeNumber, TicketShown};
use tauri::State;

#[tauri::command]
#[specta::specta]
pub async fn kiosk_view(shell: State<'_, Shell>) -> Result<KioskView, Problem> {
    shell.ask(move |shell| shell.station()?.kiosk_view()).await
}

#[tauri::command]
#[specta::specta]
pub async fn kiosk_fields(shell: State<'_, Shell>) -> Result<Vec<FieldTile>, Problem> {
    shell.ask(move |shell| shell.station()?.kiosk_fields()).await
}

#[tauri::command]
#[specta::specta]
pub async fn kiosk_procedures(
    shell: State<'_, Shell>,
    field: Option<String>,
    words: Option<String>,
) -> Result<Vec<ProcedureTile>, Problem> {
    shell.ask(move |shell| shell.station()?.kiosk_procedures(field.as_deref(), words.as_deref())).await
}

#[tauri::command]
#[specta::specta]
pub async fn kiosk_take_number(shell: State<'_, Shell>, ask: TakeNumber) -> Result<TicketShown, Problem> {
    shell.ask(move |shell| shell.station()?.kiosk_take_number(ask)).await
}

#[tauri::command]
#[specta::specta]
pub async fn kiosk_ticket(shell: State<'_, Shell>, visit: String) -> Result<TicketShown, Problem> {
    shell.ask(move |shell| shell.station()?.kiosk_ticket(&visit)).await
}

#[tauri::command]
#[specta::specta]
pub async fn kiosk_leave(shell: State<'_, Shell>) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.kiosk_leave()).await
}

#[tauri::command]
#[specta::specta]
pub async fn kiosk_look_up(shell: State<'_, Shell>, code: String) -> Result<PublicState, Problem> {
    shell.ask(move |shell| shell.station()?.kiosk_look_up(&code)).await
}
