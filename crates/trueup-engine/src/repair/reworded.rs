//! Definitions of the found side with the names that things have once all that is moved is in its place.

use trueup_model::catalog::{
    Aggregate, Attribute, Column, CompositeType, Domain, ForeignKey, Generated, Index, IndexKey,
    MaterializedView, Object, OwnedBy, Partition, Plain, Policy, Property, RangeType, Routine, Rule,
    Sequence, Statistics, Table, Trigger, View,
};
use trueup_model::name::Text;
use trueup_model::path::{ObjectKind, ObjectPath};

use super::known::Known;

pub(super) fn reworded(object: &Object, known: &Known<'_>) -> Object {
    let text = |text: &Text| known.text(text);
    let maybe = |text: &Option<Text>| text.as_ref().map(|text| known.text(text));
    let all = |texts: &[Text]| texts.iter().map(|text| known.text(text)).collect::<Vec<_>>();
    match object {
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::BaseType(_)
        | Object::EventTrigger(_)
        | Object::DefaultPrivileges(_) => object.clone(),
        Object::CompositeType(composite) => Object::CompositeType(CompositeType {
            attributes: composite
                .attributes
                .iter()
                .map(|each| Attribute { data_type: text(&each.data_type), ..each.clone() })
                .collect(),
        }),
        Object::Domain(domain) => Object::Domain(Box::new(Domain {
            base: text(&domain.base),
            default: maybe(&domain.default),
            checks: domain
                .checks
                .iter()
                .map(|check| {
                    let mut check = check.clone();
                    check.expression = text(&check.expression);
                    check
                })
                .collect(),
            ..domain.as_ref().clone()
        })),
        Object::RangeType(range) => Object::RangeType(Box::new(RangeType {
            subtype: text(&range.subtype),
            canonical: maybe(&range.canonical),
            subtype_diff: maybe(&range.subtype_diff),
            ..range.as_ref().clone()
        })),
        Object::Sequence(sequence) => Object::Sequence(Box::new(Sequence {
            owned_by: sequence.owned_by.as_ref().map(|owner| {
                let column = ObjectPath::part_of(ObjectKind::Column, &owner.table, &owner.column);
                OwnedBy { table: known.name(&owner.table), column: known.path(&column).part }
            }),
            ..sequence.as_ref().clone()
        })),
        Object::Table(table) => Object::Table(Box::new(Table {
            partition_of: table.partition_of.as_ref().map(|partition| Partition {
                parent: known.name(&partition.parent),
                bound: partition.bound.clone(),
            }),
            inherits: table.inherits.iter().map(|parent| known.name(parent)).collect(),
            of_type: maybe(&table.of_type),
            foreign_server: table
                .foreign_server
                .as_ref()
                .map(|server| known.global(ObjectKind::ForeignServer, server.as_str())),
            partitioned_by: maybe(&table.partitioned_by),
            ..table.as_ref().clone()
        })),
        Object::View(view) => {
            Object::View(View { definition: text(&view.definition), options: view.options.clone() })
        }
        Object::MaterializedView(view) => Object::MaterializedView(Box::new(MaterializedView {
            definition: text(&view.definition),
            ..view.as_ref().clone()
        })),
        Object::Column(column) => Object::Column(Box::new(Column {
            data_type: text(&column.data_type),
            collation: maybe(&column.collation),
            default: maybe(&column.default),
            generated: column
                .generated
                .as_ref()
                .map(|generated| Generated { expression: text(&generated.expression), kind: generated.kind }),
            ..column.as_ref().clone()
        })),
        Object::Key(_) => object.clone(),
        Object::Check(check) => {
            let mut check = check.clone();
            check.expression = text(&check.expression);
            Object::Check(check)
        }
        Object::ForeignKey(key) => Object::ForeignKey(Box::new(ForeignKey {
            references: known.name(&key.references),
            ..key.as_ref().clone()
        })),
        Object::Exclusion(exclusion) => {
            let mut exclusion = exclusion.clone();
            exclusion.definition = text(&exclusion.definition);
            Object::Exclusion(exclusion)
        }
        Object::Index(index) => Object::Index(Box::new(Index {
            keys: index
                .keys
                .iter()
                .map(|key| IndexKey {
                    expression: text(&key.expression),
                    collation: maybe(&key.collation),
                    operator_class: maybe(&key.operator_class),
                    ..key.clone()
                })
                .collect(),
            predicate: maybe(&index.predicate),
            ..index.as_ref().clone()
        })),
        Object::Statistics(statistics) => Object::Statistics(Box::new(Statistics {
            table: known.name(&statistics.table),
            expressions: all(&statistics.expressions),
            ..statistics.as_ref().clone()
        })),
        Object::Trigger(trigger) => Object::Trigger(Box::new(Trigger {
            function: known.name(&trigger.function),
            condition: maybe(&trigger.condition),
            from_table: trigger.from_table.as_ref().map(|table| known.name(table)),
            ..trigger.as_ref().clone()
        })),
        Object::Rule(rule) => Object::Rule(Rule { definition: text(&rule.definition), fires: rule.fires }),
        Object::Policy(policy) => Object::Policy(Box::new(Policy {
            using: maybe(&policy.using),
            with_check: maybe(&policy.with_check),
            ..policy.as_ref().clone()
        })),
        Object::Routine(routine) => Object::Routine(Box::new(Routine {
            arguments: text(&routine.arguments),
            result: maybe(&routine.result),
            // A body that nobody parses names things as it did before, and always will.
            body: if routine.body_is_parsed { text(&routine.body) } else { routine.body.clone() },
            language: known.global(ObjectKind::Language, routine.language.as_str()),
            support: maybe(&routine.support),
            transforms: all(&routine.transforms),
            ..routine.as_ref().clone()
        })),
        Object::Aggregate(aggregate) => Object::Aggregate(Box::new(Aggregate {
            arguments: text(&aggregate.arguments),
            result: text(&aggregate.result),
            properties: all(&aggregate.properties),
            parallel: aggregate.parallel,
        })),
        Object::Plain(plain) => Object::Plain(Plain {
            properties: plain
                .properties
                .iter()
                .map(|property| Property {
                    name: property.name,
                    value: match property.name {
                        "wrapper" => Text::new(
                            known.global(ObjectKind::ForeignDataWrapper, property.value.as_str()).as_str(),
                        ),
                        _ => text(&property.value),
                    },
                })
                .collect(),
        }),
    }
}
