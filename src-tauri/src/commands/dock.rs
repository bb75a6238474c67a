//! The dock's commands; see `station`'s `roles::dock`.

use crate::shell::Shell;
use station::api::{DockPrinterChange, DockView, Problem};
use tauri::State;

#[tauri::command(async)]
#[specta::specta]
pub fn dock_view(shell: State<'_, Shell>) -> Result<DockView, Problem> {
    Ok(shell.dock()?.dock_view())
}

#[tauri::command(async)]
#[specta::specta]
pub fn dock_put_card(shell: State<'_, Shell>, scanner: String, card: String) -> Result<(), Problem> {
    shell.dock()?.dock_put_card(&scanner, &card)
}

#[tauri::command(async)]
#[specta::specta]
pub fn dock_show_ticket(shell: State<'_, Shell>, scanner: String, page: u32) -> Result<(), Problem> {
    shell.dock()?.dock_show_ticket(&scanner, page)
}

#[tauri::command(async)]
#[specta::specta]
pub fn dock_printer(shell: State<'_, Shell>, id: String, change: DockPrinterChange) -> Result<(), Problem> {
    shell.dock()?.dock_printer(&id, change)
}

#[tauri::command(async)]
#[specta::specta]
pub fn dock_cable(shell: State<'_, Shell>, id: String, up: bool) -> Result<(), Problem> {
    shell.dock()?.dock_cable(&id, up)
}
