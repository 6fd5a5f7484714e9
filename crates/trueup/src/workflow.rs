//! Joins the siblings: files to a history, a database to a catalog, both to findings.

mod backup;
mod check;
mod demo;
mod files;
mod judge;
mod load;
mod look;
mod refused;
mod repair;
mod status;

pub(crate) use backup::{
    WantedBackup, WantedRestore, back_up, counted, plan_restore, restore, table, usual_folder,
};
pub(crate) use check::check;
pub(crate) use demo::prepare as prepare_demo;
pub(crate) use files::write_whole;
pub(crate) use load::{Connection, Setting};
pub(crate) use repair::{Form, Repaired, Wanted, repair};
pub(crate) use status::standing;

/// Told what is going on, for a progress line.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(&str);
