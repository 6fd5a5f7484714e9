//! Rewrite rules, other than the ones that are views.

use crate::catalog::constraint::FireState;
use crate::name::Text;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub definition: Text,
    pub fires: FireState,
}
