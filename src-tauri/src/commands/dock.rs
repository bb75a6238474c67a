//! The dock's commands; see `station`'s `roles::dock`.

use crate::shell::Shell;
use station::api::{DockPrinterChange, DockView, Problem};
use tauri::State;

#[tauri::command]
#[specta::specta]
pub async fn dock_view(shell: State<'_, Shell>) -> Result<DockView, Problem> {
    shell.ask(move |shell| Ok(shell.dock()?.dock_view())).await
}

#[tauri::command]
#[specta::specta]
pub async fn dock_put_card(shell: State<'_, Shell>, scanner: String, card: String) -> Result<(), Problem> {
    shell.ask(move |shell| shell.dock()?.dock_put_card(&scanner, &card)).await
}

#[tauri::command]
#[specta::specta]
pub async fn dock_show_ticket(shell: State<'_, Shell>, scanner: String, page: u32) -> Result<(), Problem> {
    shell.ask(move |shell| shell.dock()?.dock_show_ticket(&scanner, page)).await
}

#[tauri::command]
#[specta::specta]
pub async fn dock_lay_card(shell: State<'_, Shell>, reader: String, card: String) -> Result<(), Problem> {
    shell.ask(move |shell| shell.dock()?.dock_lay_card(&reader, &card)).await
}

#[tauri::command]
#[specta::specta]
pub async fn dock_take_card(shell: State<'_, Shell>, reader: String) -> Result<(), Problem> {
    shell.ask(move |shell| shell.dock()?.dock_take_card(&reader)).await
}

#[tauri::command]
#[specta::specta]
pub async fn dock_printer(shell: State<'_, Shell>, id: String, change: DockPrinterChange) -> Result<(), Problem> {
    shell.ask(move |shell| shell.dock()?.dock_printer(&id, change)).await
}

#[tauri::command]
#[specta::specta]
pub async fn dock_cable(shell: State<'_, Shell>, id: String, up: bool) -> Result<(), Problem> {
    shell.ask(move |shell| shell.dock()?.dock_cable(&id, up)).await
}
