//! Compares tables, views, sequences and columns.

use trueup_model::catalog::{
    Column, Identity, MaterializedView, NotNull, Sequence, SequenceOptions, Table, View,
};
use trueup_model::difference::Nature;

use super::aspects::Aspects;
use crate::spoken::Spoken;

pub(super) fn table(aspects: &mut Aspects<'_>, expected: &Table, found: &Table) {
    let Table {
        persistence,
        partitioned_by,
        partition_of,
        inherits,
        of_type,
        row_security,
        force_row_security,
        replica_identity,
        options,
        access_method,
        tablespace,
        clustered_on,
        foreign_server,
        foreign_options,
    } = expected;
    aspects
        .plain("persistence", persistence, &found.persistence)
        .expression("partition-key", partitioned_by.as_ref(), found.partitioned_by.as_ref())
        .names("inheritance", inherits, &found.inherits)
        .opt_text("of-type", of_type.as_ref(), found.of_type.as_ref())
        .plain("row-security", row_security, &found.row_security)
        .plain("forced-row-security", force_row_security, &found.force_row_security)
        .plain("replica-identity", replica_identity, &found.replica_identity)
        .plain("server", foreign_server, &found.foreign_server)
        .plain("foreign-options", foreign_options, &found.foreign_options);
    match (partition_of, &found.partition_of) {
        (Some(expected), Some(found)) => {
            aspects.name("partition-of", &expected.parent, &found.parent).expression(
                "partition-bound",
                Some(&expected.bound),
                Some(&found.bound),
            );
        }
        (expected, found) => {
            aspects.plain("partition-of", expected, found);
        }
    }
    aspects
        .of_nature(Nature::Physical)
        .plain("options", options, &found.options)
        .plain("access-method", access_method, &found.access_method)
        .plain("tablespace", tablespace, &found.tablespace)
        .plain("clustered-on", clustered_on, &found.clustered_on);
}

pub(super) fn view(aspects: &mut Aspects<'_>, expected: &View, found: &View) {
    let View { definition, options } = expected;
    aspects.view("definition", definition, &found.definition).plain("options", options, &found.options);
}

pub(super) fn materialized_view(
    aspects: &mut Aspects<'_>,
    expected: &MaterializedView,
    found: &MaterializedView,
) {
    let MaterializedView { definition, populated, options, access_method, tablespace, clustered_on } =
        expected;
    aspects
        .view("definition", definition, &found.definition)
        .of_nature(Nature::Physical)
        .plain("populated", populated, &found.populated)
        .plain("options", options, &found.options)
        .plain("access-method", access_method, &found.access_method)
        .plain("tablespace", tablespace, &found.tablespace)
        .plain("clustered-on", clustered_on, &found.clustered_on);
}

pub(super) fn sequence(aspects: &mut Aspects<'_>, expected: &Sequence, found: &Sequence) {
    let Sequence { options, owned_by, persistence } = expected;
    sequence_options(aspects, options, &found.options);
    aspects.plain("persistence", persistence, &found.persistence);
    match (owned_by, &found.owned_by) {
        (Some(expected), Some(found))
            if aspects.sides.same_name(&expected.table, &found.table) && expected.column == found.column => {}
        (expected, found) => {
            aspects.plain("owned-by", expected, found);
        }
    }
}

fn sequence_options(aspects: &mut Aspects<'_>, expected: &SequenceOptions, found: &SequenceOptions) {
    let SequenceOptions { data_type, start, increment, minimum, maximum, cache, cycle } = expected;
    aspects
        .text("type", data_type, &found.data_type)
        .plain("start", start, &found.start)
        .plain("increment", increment, &found.increment)
        .plain("minimum", minimum, &found.minimum)
        .plain("maximum", maximum, &found.maximum)
        .plain("cache", cache, &found.cache)
        .plain("cycle", cycle, &found.cycle);
}

pub(super) fn column(aspects: &mut Aspects<'_>, expected: &Column, found: &Column) {
    let Column {
        // The order of columns is a property of the table: dropping one moves all that follow.
        position: _,
        data_type,
        collation,
        not_null,
        default,
        serial,
        identity,
        generated,
        storage,
        compression,
        statistics_target,
        options,
        foreign_options,
        inherited,
    } = expected;
    aspects.text("type", data_type, &found.data_type).opt_text(
        "collation",
        collation.as_ref(),
        found.collation.as_ref(),
    );
    nullability(aspects, not_null.as_ref(), found.not_null.as_ref());
    match (source(expected), source(found)) {
        // Identity against serial is one fact, not three: the default and the sequence follow from it.
        (expected_source, found_source) if expected_source != found_source => {
            if identity.is_some() || found.identity.is_some() || (*serial && found.serial) {
                aspects.push("identity", expected_source, found_source);
            } else {
                aspects.expression("default", default.as_ref(), found.default.as_ref());
            }
        }
        _ => {
            if !(*serial && found.serial) {
                aspects.expression("default", default.as_ref(), found.default.as_ref());
            }
        }
    }
    if let (Some(expected), Some(found)) = (identity, &found.identity) {
        identity_sequence(aspects, expected, found);
    }
    match (generated, &found.generated) {
        (Some(expected), Some(found)) => {
            aspects.expression("generated", Some(&expected.expression), Some(&found.expression)).plain(
                "generated-kind",
                &expected.kind,
                &found.kind,
            );
        }
        (expected, found) => {
            aspects.plain("generated", expected, found);
        }
    }
    aspects.plain("foreign-options", foreign_options, &found.foreign_options);
    aspects
        .of_nature(Nature::Physical)
        .plain("inherited", inherited, &found.inherited)
        .plain("storage", storage, &found.storage)
        .plain("statistics-target", statistics_target, &found.statistics_target)
        .plain("options", options, &found.options);
    if aspects.sides.both_from(14) {
        aspects.plain("compression", compression, &found.compression);
    }
}

/// Where values come from when none is given, in one phrase.
fn source(column: &Column) -> String {
    match (&column.identity, column.serial, &column.default) {
        (Some(identity), ..) => identity.spoken(),
        (None, true, _) => "serial".to_owned(),
        (None, false, Some(default)) => format!("default {default}"),
        (None, false, None) => "none".to_owned(),
    }
}

fn identity_sequence(aspects: &mut Aspects<'_>, expected: &Identity, found: &Identity) {
    let Identity { mode: _, sequence, options } = expected;
    aspects.plain("identity-options", options, &found.options).plain(
        "identity-sequence",
        sequence,
        &found.sequence,
    );
}

fn nullability(aspects: &mut Aspects<'_>, expected: Option<&NotNull>, found: Option<&NotNull>) {
    let (Some(expected), Some(found)) = (expected, found) else {
        let spoken = |not_null: Option<&NotNull>| if not_null.is_some() { "not null" } else { "nullable" };
        if expected.is_some() != found.is_some() {
            aspects.push("nullability", spoken(expected).to_owned(), spoken(found).to_owned());
        }
        return;
    };
    // Before PostgreSQL 18 a NOT NULL has no name and no properties.
    if aspects.sides.both_from(18) {
        let NotNull { name, no_inherit, validated } = expected;
        aspects
            .plain("not-null-name", name, &found.name)
            .plain("not-null-no-inherit", no_inherit, &found.no_inherit)
            .plain("not-null-validated", validated, &found.validated);
    }
}
