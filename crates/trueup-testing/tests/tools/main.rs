//! What we read, write and record is what the tools themselves read, write and record: each of them is run.
//!
//! Those that cannot be had as a package (Flyway, golang-migrate, goose) are missing here.

#[path = "../common/mod.rs"]
mod common;

mod checks;
mod kinds;
mod project;
mod scripts;

/// Every check with every kind of project.
macro_rules! each_kind {
    ($($kind:ident)*) => {$(
        mod $kind {
            use crate::{checks, kinds, scripts};

            #[test]
            fn the_ledger_of_the_tool_is_read_as_it_stands() {
                checks::is_read(&kinds::$kind());
            }

            #[test]
            fn an_edited_file_is_one_to_the_tool_as_well() {
                checks::is_edited(&kinds::$kind());
            }

            #[test]
            fn a_migration_that_comes_late_is_run_or_refused() {
                checks::comes_late(&kinds::$kind());
            }

            #[test]
            fn what_is_written_runs_up_and_down() {
                checks::runs(&kinds::$kind(), scripts::hostile());
            }

            #[test]
            fn the_first_of_several_migrations_takes_all_of_them_back() {
                checks::runs(&kinds::$kind(), scripts::together());
            }

            #[test]
            fn without_a_way_back_the_tool_fails_and_says_why() {
                checks::has_no_way_back(&kinds::$kind(), scripts::one_way());
            }

            #[test]
            fn what_fails_leaves_nothing_behind() {
                checks::fails_whole(&kinds::$kind(), scripts::failing());
            }

            #[test]
            fn what_is_recorded_is_done_and_what_is_forgotten_is_pending() {
                checks::is_recorded(&kinds::$kind(), scripts::hostile());
            }

            #[test]
            fn a_ledger_that_we_make_is_the_tool_s_own() {
                checks::ledgers_are_alike(&kinds::$kind());
            }
        }
    )*};
}

each_kind! {
    dbmate dbmate_with_windows_line_ends dbmate_in_a_schema
    diesel diesel_with_numbers
    prisma prisma_in_a_schema
    refinery
    sqlx sqlx_without_ways_back
}
