//! What stands around tables whose rows are put back: triggers that must not fire again, and foreign keys that cannot
//! hold before all rows are there. Triggers are switched off and on again. Foreign keys are dropped and made again,
//! which checks every row: nothing is taken on trust.

use crate::session::{Session, SessionError};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    pub triggers: Vec<Obstacle>,
    pub foreign_keys: Vec<Obstacle>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// With schema and table, as SQL writes it.
    pub name: String,
    /// The owner of its table, where we cannot act for that role.
    pub foreign_owner: Option<String>,
    /// The statement that takes it out of the way.
    pub remove: String,
    pub restore: String,
}

pub fn read(session: &mut Session, tables: &[u32]) -> Result<Around, SessionError> {
    let mut around = Around::default();
    if tables.is_empty() {
        return Ok(around);
    }
    let tables = tables.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    session.for_each_row(&include_str!("around.sql").replace("$tables", &tables), |result, row| {
        let text = |index| row.get(index).unwrap_or_default().to_owned();
        let obstacle = Obstacle {
            name: text(0),
            foreign_owner: row.get(1).map(str::to_owned),
            remove: text(2),
            restore: text(3),
        };
        if result == 0 {
            around.triggers.push(obstacle)
        } else {
            around.foreign_keys.push(obstacle)
        }
        Ok(())
    })?;
    Ok(around)
}
